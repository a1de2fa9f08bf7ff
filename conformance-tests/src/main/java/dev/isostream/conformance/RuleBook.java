package dev.isostream.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The rules of {@code docs/semantics.md}, which is part of the kit. Stateless. */
public final class RuleBook {

  private static final Pattern HEADING =
      Pattern.compile("^### ([PGODRFEW]\\d+) · (.+)$", Pattern.MULTILINE);

  private RuleBook() {}

  /** The titles by rule id, in the contract's order. */
  public static Map<String, String> titles() {
    Map<String, String> titles = new LinkedHashMap<>();
    Matcher matcher = HEADING.matcher(text());
    while (matcher.find()) {
      if (titles.put(matcher.group(1), matcher.group(2)) != null) {
        throw new IllegalStateException("the rule " + matcher.group(1) + " is there twice");
      }
    }
    return Collections.unmodifiableMap(titles);
  }

  private static String text() {
    try (InputStream in = RuleBook.class.getResourceAsStream("semantics.md")) {
      if (in == null) {
        throw new IllegalStateException("semantics.md is missing beside " + RuleBook.class);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
