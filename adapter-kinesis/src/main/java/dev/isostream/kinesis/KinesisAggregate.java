package dev.isostream.kinesis;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The batch format of the Kinesis Producer Library: four bytes of magic, a message of protocol
 * buffers, and the message's MD5. Stateless.
 */
final class KinesisAggregate {

  private static final byte[] MAGIC = {(byte) 0xF3, (byte) 0x89, (byte) 0x9A, (byte) 0xC2};
  private static final int DIGEST_BYTES = 16;
  private static final int OVERHEAD_BYTES = MAGIC.length + DIGEST_BYTES;

  // AggregatedRecord
  private static final int PARTITION_KEY = 1;
  private static final int EXPLICIT_HASH_KEY = 2;
  private static final int RECORD = 3;

  // Record
  private static final int PARTITION_KEY_INDEX = 1;
  private static final int EXPLICIT_HASH_KEY_INDEX = 2;
  private static final int DATA = 3;
  private static final int TAG = 4;

  // Tag
  private static final int TAG_KEY = 1;
  private static final int TAG_VALUE = 2;

  /** A message within a record. */
  record Entry(String partitionKey, @Nullable String explicitHashKey, byte[] data, List<Tag> tags) {

    /** Which shard it belongs to. */
    BigInteger hash() {
      return explicitHashKey == null
          ? KinesisAggregate.hash(partitionKey)
          : new BigInteger(explicitHashKey);
    }

    /** About what it takes within a record, the partition key included. */
    int sizeBytes() {
      return partitionKey.length() * 3 + 2 + recordBytes(this, Integer.MAX_VALUE) + 6;
    }
  }

  /** A name, and a value that may be absent. */
  record Tag(String key, @Nullable String value) {}

  private KinesisAggregate() {}

  /** Where Kinesis puts a record with this partition key. */
  static BigInteger hash(String partitionKey) {
    byte[] key = partitionKey.getBytes(StandardCharsets.UTF_8);
    return new BigInteger(1, md5(key, 0, key.length));
  }

  private static byte[] md5(byte[] bytes, int from, int length) {
    try {
      MessageDigest digest = MessageDigest.getInstance("MD5");
      digest.update(bytes, from, length);
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  // ---- writing

  static byte[] write(List<Entry> entries) {
    Map<String, Integer> keys = new LinkedHashMap<>();
    entries.forEach(entry -> keys.putIfAbsent(entry.partitionKey(), keys.size()));
    int size = 0;
    for (String key : keys.keySet()) {
      size += CodedOutputStream.computeStringSize(PARTITION_KEY, key);
    }
    for (Entry entry : entries) {
      int record = recordBytes(entry, keys.getOrDefault(entry.partitionKey(), 0));
      size += CodedOutputStream.computeTagSize(RECORD) + lengthAnd(record);
    }
    byte[] bytes = new byte[size + OVERHEAD_BYTES];
    System.arraycopy(MAGIC, 0, bytes, 0, MAGIC.length);
    CodedOutputStream out = CodedOutputStream.newInstance(bytes, MAGIC.length, size);
    try {
      for (String key : keys.keySet()) {
        out.writeString(PARTITION_KEY, key);
      }
      for (Entry entry : entries) {
        writeRecord(out, entry, keys.getOrDefault(entry.partitionKey(), 0));
      }
      out.checkNoSpaceLeft();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    System.arraycopy(md5(bytes, MAGIC.length, size), 0, bytes, MAGIC.length + size, DIGEST_BYTES);
    return bytes;
  }

  private static int lengthAnd(int bytes) {
    return CodedOutputStream.computeUInt32SizeNoTag(bytes) + bytes;
  }

  private static int recordBytes(Entry entry, int keyIndex) {
    int size =
        CodedOutputStream.computeUInt64Size(PARTITION_KEY_INDEX, keyIndex)
            + CodedOutputStream.computeByteArraySize(DATA, entry.data());
    for (Tag tag : entry.tags()) {
      size += CodedOutputStream.computeTagSize(TAG) + lengthAnd(tagBytes(tag));
    }
    return size;
  }

  private static int tagBytes(Tag tag) {
    String value = tag.value();
    return CodedOutputStream.computeStringSize(TAG_KEY, tag.key())
        + (value == null ? 0 : CodedOutputStream.computeStringSize(TAG_VALUE, value));
  }

  private static void writeRecord(CodedOutputStream out, Entry entry, int keyIndex)
      throws IOException {
    out.writeTag(RECORD, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    out.writeUInt32NoTag(recordBytes(entry, keyIndex));
    out.writeUInt64(PARTITION_KEY_INDEX, keyIndex);
    out.writeByteArray(DATA, entry.data());
    for (Tag tag : entry.tags()) {
      out.writeTag(TAG, WireFormat.WIRETYPE_LENGTH_DELIMITED);
      out.writeUInt32NoTag(tagBytes(tag));
      out.writeString(TAG_KEY, tag.key());
      String value = tag.value();
      if (value != null) {
        out.writeString(TAG_VALUE, value);
      }
    }
  }

  // ---- reading

  /** The messages of a record; null where it is not in this format, or broken (contract E5). */
  static @Nullable List<Entry> read(byte[] bytes) {
    int size = bytes.length - OVERHEAD_BYTES;
    if (size <= 0 || !Arrays.equals(MAGIC, 0, MAGIC.length, bytes, 0, MAGIC.length)) {
      return null;
    }
    byte[] digest = md5(bytes, MAGIC.length, size);
    if (!Arrays.equals(digest, 0, DIGEST_BYTES, bytes, MAGIC.length + size, bytes.length)) {
      return null;
    }
    try {
      return new Parser(CodedInputStream.newInstance(bytes, MAGIC.length, size)).parse();
    } catch (IOException | RuntimeException e) {
      return null;
    }
  }

  private static final class Parser {
    private final CodedInputStream in;
    private final List<String> keys = new ArrayList<>();
    private final List<String> hashes = new ArrayList<>();
    private final List<Raw> records = new ArrayList<>();

    /** With indexes that may come before what they point to. */
    private record Raw(long key, long hash, byte[] data, List<Tag> tags) {}

    Parser(CodedInputStream in) {
      this.in = in;
    }

    List<Entry> parse() throws IOException {
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (WireFormat.getTagFieldNumber(tag)) {
          case PARTITION_KEY -> keys.add(in.readString());
          case EXPLICIT_HASH_KEY -> hashes.add(new BigInteger(in.readString()).toString());
          case RECORD -> records.add(nested(this::record));
          default -> in.skipField(tag);
        }
      }
      List<Entry> entries = new ArrayList<>(records.size());
      for (Raw raw : records) {
        entries.add(
            new Entry(
                keys.get(Math.toIntExact(raw.key)),
                raw.hash < 0 ? null : hashes.get(Math.toIntExact(raw.hash)),
                raw.data,
                raw.tags));
      }
      return entries;
    }

    private interface Part<T> {
      T read() throws IOException;
    }

    private <T> T nested(Part<T> part) throws IOException {
      int outer = in.pushLimit(in.readRawVarint32());
      T read = part.read();
      in.checkLastTagWas(0);
      in.popLimit(outer);
      return read;
    }

    private Raw record() throws IOException {
      long key = 0;
      long hash = -1;
      byte[] data = new byte[0];
      List<Tag> tags = new ArrayList<>();
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (WireFormat.getTagFieldNumber(tag)) {
          case PARTITION_KEY_INDEX -> key = in.readUInt64();
          case EXPLICIT_HASH_KEY_INDEX -> hash = in.readUInt64();
          case DATA -> data = in.readByteArray();
          case TAG -> tags.add(nested(this::tag));
          default -> in.skipField(tag);
        }
      }
      return new Raw(key, hash, data, tags);
    }

    private Tag tag() throws IOException {
      String key = "";
      String value = null;
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (WireFormat.getTagFieldNumber(tag)) {
          case TAG_KEY -> key = in.readString();
          case TAG_VALUE -> value = in.readString();
          default -> in.skipField(tag);
        }
      }
      return new Tag(key, value);
    }
  }
}
