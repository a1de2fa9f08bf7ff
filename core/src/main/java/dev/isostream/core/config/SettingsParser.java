package dev.isostream.core.config;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Turns a file into settings, and whatever is wrong with it into problems that say the line and
 * never quote the text, which may be a secret. By Jackson's tokens and not its trees: these know
 * neither the line of a name nor how a number was written.
 */
final class SettingsParser {

  private static final int MOST_SETTINGS = 1_000;
  private static final int DEEPEST = 20;
  private static final String NOT_WELL_FORMED = "not well-formed %s.";

  /** One's own files are small; anything else is a mistake (contract E5). */
  private static final StreamReadConstraints LIMITS =
      StreamReadConstraints.builder()
          .maxNestingDepth(DEEPEST)
          .maxDocumentLength(SettingsFile.MAX_BYTES)
          .build();

  private static final JsonFactory JSON =
      new JsonFactoryBuilder().streamReadConstraints(LIMITS).build();
  private static final JsonFactory YAML =
      YAMLFactory.builder()
          .streamReadConstraints(LIMITS)
          .enable(YAMLParser.Feature.EMPTY_STRING_AS_NULL)
          .build();

  /** The YAML parser knows the line of a mistake better than its location says, in its text. */
  private static final Pattern MARK =
      Pattern.compile("^ in '?reader'?, line (\\d{1,7}), column \\d+:$", Pattern.MULTILINE);

  private final SettingsFile.Content file;
  private final Predicate<String> isSection;
  private final Problems problems;
  private final Map<String, Setting> settings = new LinkedHashMap<>();
  private final Map<String, Integer> lines = new LinkedHashMap<>();

  /**
   * Prepares to read a file.
   *
   * @param isSection tells names that have no value of their own, but names below them
   */
  SettingsParser(SettingsFile.Content file, Predicate<String> isSection, Problems problems) {
    this.file = file;
    this.isSection = isSection;
    this.problems = problems;
  }

  /** Ends the reading with a problem. */
  private static final class Stop extends Exception {
    private static final long serialVersionUID = 1L;
    private final int line;

    Stop(int line, String problem) {
      super(problem);
      this.line = line;
    }
  }

  Collection<Setting> parse() {
    try {
      String text = decode();
      if (file.name().endsWith(".properties")) {
        readProperties(text);
      } else {
        boolean json = file.name().endsWith(".json");
        readTree(text, json ? JSON : YAML);
      }
    } catch (Stop e) {
      problem(e.line, e.getMessage());
    }
    return settings.values();
  }

  private String decode() throws Stop {
    ByteBuffer bytes = ByteBuffer.wrap(file.bytes());
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
      return text.startsWith("\uFEFF") ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      String before = new String(file.bytes(), 0, bytes.position(), StandardCharsets.UTF_8);
      throw new Stop((int) before.chars().filter(c -> c == '\n').count() + 1, "not UTF-8.");
    }
  }

  private void readTree(String text, JsonFactory factory) throws Stop {
    try (JsonParser parser = factory.createParser(text)) {
      document(parser);
    } catch (StreamConstraintsException e) {
      throw new Stop(
          lineOf(e), "nested deeper than " + DEEPEST + " levels, or something too long.");
    } catch (JsonProcessingException e) {
      // The parser's own text quotes the file; one mistake is worth telling apart.
      boolean tab = factory == YAML && String.valueOf(e.getOriginalMessage()).contains("(TAB)");
      throw new Stop(
          lineOf(e),
          NOT_WELL_FORMED.formatted(factory.getFormatName())
              + (tab ? " YAML is indented with spaces, not with tabs." : ""));
    } catch (IOException e) {
      throw new Stop(1, NOT_WELL_FORMED.formatted(factory.getFormatName()));
    }
  }

  private void document(JsonParser parser) throws IOException, Stop {
    JsonToken token = parser.nextToken();
    if (token == null || token == JsonToken.VALUE_NULL) {
      return;
    }
    if (token != JsonToken.START_OBJECT) {
      throw stop(parser, "expected names with values, as in address: kafka://localhost:9092.");
    }
    for (token = parser.nextToken();
        token != null && !parser.getParsingContext().inRoot();
        token = parser.nextToken()) {
      if (token == JsonToken.FIELD_NAME) {
        String name = nameOf(parser.getParsingContext());
        int line = lineOf(parser.currentTokenLocation());
        token = parser.nextToken();
        if (token == JsonToken.VALUE_NULL) {
          if (!isSection.test(name)) {
            String advice = " has no value; give it one, or take the line out.";
            problem(line, Shown.plain(name) + advice);
          }
        } else if (token != JsonToken.START_OBJECT) {
          add(name, token == JsonToken.START_ARRAY ? list(parser) : scalar(parser), line);
        }
      }
    }
    if (parser.nextToken() != null) {
      throw stop(parser, "only one document is allowed in the file.");
    }
  }

  private static String nameOf(JsonStreamContext at) {
    return at.getParent().inRoot()
        ? at.getCurrentName()
        : nameOf(at.getParent()) + "." + at.getCurrentName();
  }

  private static String list(JsonParser parser) throws IOException, Stop {
    List<String> elements = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      elements.add(scalar(parser));
    }
    return String.join(",", elements);
  }

  private static String scalar(JsonParser parser) throws IOException, Stop {
    if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias()) {
      throw stop(parser, "aliases (*name) are not supported; repeat the value.");
    }
    JsonToken token = parser.currentToken();
    if (token == null
        || !token.isScalarValue()
        || token == JsonToken.VALUE_NULL
        || token == JsonToken.VALUE_EMBEDDED_OBJECT) {
      throw stop(parser, "expected a text, a number, true or false, or a list of these.");
    }
    return parser.getText();
  }

  private static Stop stop(JsonParser parser, String problem) {
    return new Stop(lineOf(parser.currentTokenLocation()), problem);
  }

  private static int lineOf(JsonProcessingException e) {
    int line = lineOf(e.getLocation());
    Matcher marks = MARK.matcher(String.valueOf(e.getOriginalMessage()));
    while (marks.find()) {
      line = Integer.parseInt(marks.group(1));
    }
    return line;
  }

  private static int lineOf(@Nullable JsonLocation location) {
    return location == null ? 1 : Math.max(1, location.getLineNr());
  }

  /** As the JDK reads it, one logical line at a time, to know the line. */
  private void readProperties(String text) throws Stop {
    String[] physical = text.split("\r\n|\r|\n", -1);
    int next = 0;
    while (next < physical.length) {
      int line = next + 1;
      StringBuilder logical = new StringBuilder(physical[next]);
      String start = physical[next].stripLeading();
      boolean comment = start.startsWith("#") || start.startsWith("!");
      while (!comment && continues(physical[next]) && next + 1 < physical.length) {
        logical.append('\n').append(physical[++next]);
      }
      next++;
      Properties one = new Properties();
      try {
        one.load(new StringReader(logical.toString()));
      } catch (IllegalArgumentException | IOException e) {
        problem(line, "\\u must be followed by four hexadecimal digits.");
      }
      for (String name : one.stringPropertyNames()) {
        add(name, one.getProperty(name, ""), line);
      }
    }
  }

  private static boolean continues(String line) {
    int end = line.length();
    while (end > 0 && line.charAt(end - 1) == '\\') {
      end--;
    }
    return (line.length() - end) % 2 == 1;
  }

  private void add(String name, String value, int line) throws Stop {
    if (settings.size() == MOST_SETTINGS) {
      throw new Stop(line, "more than " + MOST_SETTINGS + " settings.");
    }
    Integer before = lines.putIfAbsent(name, line);
    if (before != null) {
      problem(line, Shown.plain(name) + " is set already in line " + before + ".");
      return;
    }
    String origin = file.shown() + ", line " + line;
    settings.put(name, new Setting(name, value, Setting.Level.FILE, origin));
  }

  private void problem(int line, @Nullable String what) {
    problems.add(file.shown() + ", line " + line + ": " + what);
  }
}
