package dev.isostream.core.config;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Turns a file into settings, and whatever is wrong with it into problems that say the line and
 * never quote the text, which may be a secret.
 */
final class SettingsParser {

  static final int MOST_SETTINGS = 1_000;

  private final SettingsFile.Content file;
  private final Set<String> sections;
  private final Problems problems;
  private final Map<String, Setting> settings = new LinkedHashMap<>();
  private final Map<String, Integer> lines = new LinkedHashMap<>();

  /**
   * Prepares to read a file.
   *
   * @param sections names that have no value of their own, but names below them
   */
  SettingsParser(SettingsFile.Content file, Set<String> sections, Problems problems) {
    this.file = file;
    this.sections = sections;
    this.problems = problems;
  }

  Collection<Setting> parse() {
    Optional<String> text = decode();
    if (text.isEmpty()) {
      return settings.values();
    }
    if (file.name().endsWith(".properties")) {
      new PropertiesReader(this).read(text.get());
    } else {
      new TreeReader(this, file.name().endsWith(".json")).read(text.get());
    }
    return settings.values();
  }

  private Optional<String> decode() {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(file.bytes());
    CharBuffer out = CharBuffer.allocate(file.bytes().length);
    CoderResult result = decoder.decode(in, out, true);
    String text = out.flip().toString();
    try {
      if (result.isError()) {
        result.throwException();
      }
    } catch (CharacterCodingException e) {
      problem((int) text.chars().filter(c -> c == '\n').count() + 1, "not UTF-8.");
      return Optional.empty();
    }
    boolean marked = !text.isEmpty() && text.charAt(0) == '\uFEFF';
    return Optional.of(marked ? text.substring(1) : text);
  }

  /** Takes one setting; false where enough is enough. */
  boolean add(String name, String value, int line) {
    if (settings.size() == MOST_SETTINGS) {
      problem(line, "more than " + MOST_SETTINGS + " settings.");
      return false;
    }
    Integer before = lines.putIfAbsent(name, line);
    if (before != null) {
      problem(line, Shown.plain(name) + " is set already in line " + before + ".");
      return true;
    }
    String origin = file.shown() + ", line " + line;
    settings.put(name, new Setting(name, value, Setting.Level.FILE, origin));
    return true;
  }

  /** Takes note of a name without a value. */
  void addEmpty(String name, int line) {
    if (!sections.contains(name)) {
      problem(line, Shown.plain(name) + " has no value; give it one, or take the line out.");
    }
  }

  void problem(int line, String what) {
    problems.add(file.shown() + ", line " + line + ": " + what);
  }
}
