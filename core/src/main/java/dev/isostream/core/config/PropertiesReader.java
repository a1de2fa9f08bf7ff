package dev.isostream.core.config;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Properties;

/** Reads {@code .properties} line by line, as the JDK does, knowing the line. */
final class PropertiesReader {

  private final SettingsParser target;

  PropertiesReader(SettingsParser target) {
    this.target = target;
  }

  void read(String text) {
    List<String> lines = List.of(text.split("\r\n|\r|\n", -1));
    int at = 0;
    while (at < lines.size()) {
      int first = at;
      StringBuilder whole = new StringBuilder(lines.get(at++));
      while (!isComment(lines.get(first)) && continues(lines.get(at - 1)) && at < lines.size()) {
        whole.append('\n').append(lines.get(at++));
      }
      if (!readOne(whole.toString(), first + 1)) {
        return;
      }
    }
  }

  private static boolean isComment(String line) {
    String stripped = line.stripLeading();
    return stripped.startsWith("#") || stripped.startsWith("!");
  }

  private static boolean continues(String line) {
    int backslashes = 0;
    while (backslashes < line.length() && line.charAt(line.length() - 1 - backslashes) == '\\') {
      backslashes++;
    }
    return backslashes % 2 == 1;
  }

  private boolean readOne(String line, int number) {
    Properties one = new Properties();
    try {
      one.load(new StringReader(line));
    } catch (IllegalArgumentException e) {
      target.problem(number, "\\u must be followed by four hexadecimal digits.");
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (String name : one.stringPropertyNames()) {
      if (!target.add(name, one.getProperty(name, ""), number)) {
        return false;
      }
    }
    return true;
  }
}
