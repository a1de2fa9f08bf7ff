package dev.isostream.core.config;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Flattens YAML or JSON to names with dots, token by token, so that each setting knows its line and
 * nothing is built that a hostile file could make large.
 */
final class TreeReader {

  private static final int DEEPEST = 20;
  private static final Pattern MARK =
      Pattern.compile("^ in '?reader'?, line (\\d{1,7}), column \\d+:$", Pattern.MULTILINE);

  private final SettingsParser target;
  private final boolean json;

  TreeReader(SettingsParser target, boolean json) {
    this.target = target;
    this.json = json;
  }

  /** Ends the reading; the problem has been told. */
  private static final class Stop extends Exception {
    private static final long serialVersionUID = 1L;
  }

  void read(String text) {
    JsonFactory factory = json ? new JsonFactory() : new YAMLFactory();
    try (JsonParser parser = factory.createParser(text)) {
      document(parser);
    } catch (JsonProcessingException e) {
      target.problem(lineOf(e), "not well-formed " + format() + "." + hint(e));
    } catch (IOException e) {
      target.problem(1, "not well-formed " + format() + ".");
    } catch (Stop e) {
      // Told where it was thrown.
    }
  }

  private String format() {
    return json ? "JSON" : "YAML";
  }

  /** The one mistake worth telling apart; the parser's own text quotes the file. */
  private String hint(JsonProcessingException e) {
    boolean tab = !json && String.valueOf(e.getOriginalMessage()).contains("(TAB)");
    return tab ? " YAML is indented with spaces, not with tabs." : "";
  }

  private void document(JsonParser parser) throws IOException, Stop {
    JsonToken first = parser.nextToken();
    if (first == null || first == JsonToken.VALUE_NULL) {
      return;
    }
    if (first != JsonToken.START_OBJECT) {
      throw stop(parser, "expected names with values, as in " + example() + ".");
    }
    object(parser, "", 1);
    if (parser.nextToken() != null) {
      throw stop(parser, "only one document is allowed in the file.");
    }
  }

  private String example() {
    return json ? "{\"address\": \"kafka://localhost:9092\"}" : "address: kafka://localhost:9092";
  }

  private void object(JsonParser parser, String prefix, int depth) throws IOException, Stop {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = prefix + parser.currentName();
      int line = lineOf(parser.currentTokenLocation());
      JsonToken value = parser.nextToken();
      if (value == JsonToken.START_OBJECT) {
        if (depth == DEEPEST) {
          throw stop(parser, "nested deeper than " + DEEPEST + " levels.");
        }
        object(parser, name + ".", depth + 1);
      } else {
        valueOf(parser, name, line);
      }
    }
  }

  private void valueOf(JsonParser parser, String name, int line) throws IOException, Stop {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.VALUE_NULL) {
      target.addEmpty(name, line);
      return;
    }
    String value = token == JsonToken.START_ARRAY ? list(parser) : scalar(parser);
    if (!target.add(name, value, line)) {
      throw new Stop();
    }
  }

  private String list(JsonParser parser) throws IOException, Stop {
    List<String> elements = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      elements.add(scalar(parser));
    }
    return String.join(",", elements);
  }

  private String scalar(JsonParser parser) throws IOException, Stop {
    if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias()) {
      throw stop(parser, "aliases (*name) are not supported; repeat the value.");
    }
    JsonToken token = parser.currentToken();
    if (token == null || !token.isScalarValue() || token == JsonToken.VALUE_EMBEDDED_OBJECT) {
      throw stop(parser, "expected a text, a number, true or false, or a list of these.");
    }
    return parser.getText();
  }

  private Stop stop(JsonParser parser, String problem) {
    target.problem(lineOf(parser.currentTokenLocation()), problem);
    return new Stop();
  }

  /** The YAML parser knows the line of the mistake better than the location says, in its text. */
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
}
