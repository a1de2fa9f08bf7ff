package dev.isostream.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.isostream.kinesis.KinesisAggregate.Entry;
import dev.isostream.kinesis.KinesisAggregate.Tag;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What other consumers read is tested with their own classes, in the conformance suite. */
class KinesisAggregateTest {

  private static final byte[] MAGIC = {(byte) 0xF3, (byte) 0x89, (byte) 0x9A, (byte) 0xC2};

  private static Entry entry(String key, String data, Tag... tags) {
    return new Entry(key, null, data.getBytes(StandardCharsets.UTF_8), List.of(tags));
  }

  @Test
  void whatIsWrittenComesBack() {
    List<Entry> entries =
        List.of(
            entry("a", "one", new Tag("x", "1"), new Tag("x", "2"), new Tag("none", null)),
            entry("b", ""),
            entry("a", "three", new Tag("ü", "")));
    List<Entry> read =
        Objects.requireNonNull(KinesisAggregate.read(KinesisAggregate.write(entries)));
    assertThat(read).hasSameSizeAs(entries);
    for (int i = 0; i < read.size(); i++) {
      assertThat(read.get(i).partitionKey()).isEqualTo(entries.get(i).partitionKey());
      assertThat(read.get(i).data()).isEqualTo(entries.get(i).data());
      assertThat(read.get(i).tags()).isEqualTo(entries.get(i).tags());
      assertThat(read.get(i).hash()).isEqualTo(entries.get(i).hash());
    }
  }

  @Test
  void aHashIsTheKeysMd5OrSaidByTheRecord() {
    assertThat(KinesisAggregate.hash("a"))
        .isEqualTo(new BigInteger("0cc175b9c0f1b6a831c399e269772661", 16));
    assertThat(new Entry("a", "7", new byte[0], List.of()).hash()).isEqualTo(BigInteger.valueOf(7));
  }

  @Test
  void whatIsNotInTheFormatIsNoAggregate() {
    byte[] written = KinesisAggregate.write(List.of(entry("a", "one")));
    byte[] broken = written.clone();
    broken[broken.length - 1] ^= 1;
    assertThat(KinesisAggregate.read(broken)).isNull();
    assertThat(KinesisAggregate.read(new byte[0])).isNull();
    assertThat(KinesisAggregate.read(MAGIC)).isNull();
    assertThat(
            KinesisAggregate.read(
                "plain text, longer than the frame".getBytes(StandardCharsets.UTF_8)))
        .isNull();
  }

  @Test
  void aMessageThatPointsNowhereIsNoAggregate() throws IOException {
    assertThat(
            KinesisAggregate.read(
                frame(
                    out -> {
                      out.writeTag(3, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                      out.writeUInt32NoTag(2);
                      out.writeUInt64(1, 9);
                    })))
        .isNull();
    assertThat(
            KinesisAggregate.read(
                frame(
                    out -> {
                      out.writeTag(3, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                      out.writeUInt32NoTag(Integer.MAX_VALUE);
                    })))
        .isNull();
    assertThat(KinesisAggregate.read(frame(out -> out.writeString(2, "no number")))).isNull();
  }

  private interface Content {
    void writeTo(CodedOutputStream out) throws IOException;
  }

  private static byte[] frame(Content content) throws IOException {
    ByteArrayOutputStream inner = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(inner);
    content.writeTo(out);
    out.flush();
    ByteArrayOutputStream framed = new ByteArrayOutputStream();
    framed.write(MAGIC);
    framed.write(inner.toByteArray());
    try {
      framed.write(MessageDigest.getInstance("MD5").digest(inner.toByteArray()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
    return framed.toByteArray();
  }
}
