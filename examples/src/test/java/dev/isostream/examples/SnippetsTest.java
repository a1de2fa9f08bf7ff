package dev.isostream.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.memory.MemoryBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The README's code compiles, runs, and is the same here and there. */
class SnippetsTest {

  private static final Path README = Path.of("..", "README.md");
  private static final Path SNIPPETS =
      Path.of("src", "main", "java", "dev", "isostream", "examples", "Snippets.java");
  private static final Pattern JAVA = Pattern.compile("(?s)```java\n(.*?)```");

  @AfterEach
  void forget() {
    MemoryBroker.named("local").remove();
  }

  @Test
  void readmeHasTheCodeThatIsCompiledHere() throws IOException {
    List<String> blocks =
        JAVA.matcher(Files.readString(README)).results().map(this::contents).toList();

    assertThat(blocks).hasSize(1);
    assertThat(withoutSpace(Files.readString(SNIPPETS)))
        .as("Snippets.java, apart from spaces and line ends")
        .contains(blocks.get(0));
  }

  private String contents(MatchResult block) {
    return withoutSpace(block.group(1));
  }

  private static String withoutSpace(String text) {
    return text.replaceAll("\\s+", "");
  }

  @Test
  void readmeCodeRuns() {
    Snippets.readme();
  }
}
