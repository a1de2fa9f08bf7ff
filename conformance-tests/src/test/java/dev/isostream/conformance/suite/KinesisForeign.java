package dev.isostream.conformance.suite;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.isostream.Header;
import dev.isostream.conformance.Foreign;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.kinesis.retrieval.AggregatorUtil;
import software.amazon.kinesis.retrieval.KinesisClientRecord;
import software.amazon.kinesis.retrieval.kpl.Messages;

/**
 * The AWS SDK alone, with the Kinesis Client Library's own classes for the batch format; what the
 * tags mean is that of the adapter's page.
 */
final class KinesisForeign implements Foreign {

  private static final byte[] MAGIC = {(byte) 0xF3, (byte) 0x89, (byte) 0x9A, (byte) 0xC2};
  private static final int DIGEST = 16;
  private static final String KEY = "isostream-key";
  private static final String KEY_BYTES = "isostream-key-base64";
  private static final String NO_PAYLOAD = "isostream-no-payload";
  private static final String BASE64 = "isostream-base64:";

  private final String address;

  KinesisForeign(String address) {
    this.address = address;
  }

  private KinesisClient client() {
    return KinesisClient.builder()
        .endpointOverride(URI.create("http://" + address))
        .region(Region.US_EAST_1)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("anybody", "anything")))
        .httpClientBuilder(UrlConnectionHttpClient.builder())
        .build();
  }

  // ---- writing

  @Override
  public void write(String topic, List<Entry> records) {
    try (KinesisClient client = client()) {
      Shard first = client.listShards(r -> r.streamName(topic)).shards().get(0);
      String hash = first.hashKeyRange().startingHashKey();
      for (Entry record : records) {
        String key = text(record.key());
        byte[] payload = record.payload();
        boolean bare = key != null && payload != null && record.headers().isEmpty();
        client.putRecord(
            r ->
                r.streamName(topic)
                    .partitionKey(bare && key != null ? key : "any")
                    .explicitHashKey(hash)
                    .data(
                        SdkBytes.fromByteArray(
                            bare && payload != null ? payload : packed(record, hash))));
      }
    }
  }

  /** Null where it can't be a partition key. */
  private static @Nullable String text(byte @Nullable [] key) {
    if (key == null || key.length == 0 || key.length > 256) {
      return null;
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(key)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  private static byte[] packed(Entry record, String hash) {
    Messages.Record.Builder inner =
        Messages.Record.newBuilder().setPartitionKeyIndex(0).setExplicitHashKeyIndex(0);
    byte[] payload = record.payload();
    inner.setData(ByteString.copyFrom(payload == null ? new byte[0] : payload));
    String key = text(record.key());
    byte[] bytes = record.key();
    if (bytes == null) {
      inner.addTags(tag(KEY, null));
    } else if (bytes.length == 0) {
      inner.addTags(tag(KEY, ""));
    } else if (key == null) {
      inner.addTags(tag(KEY_BYTES, Base64.getEncoder().encodeToString(bytes)));
    }
    if (payload == null) {
      inner.addTags(tag(NO_PAYLOAD, null));
    }
    for (Header header : record.headers()) {
      inner.addTags(tag(header));
    }
    byte[] message =
        Messages.AggregatedRecord.newBuilder()
            .addPartitionKeyTable(key == null ? "any" : key)
            .addExplicitHashKeyTable(hash)
            .addRecords(inner)
            .build()
            .toByteArray();
    ByteBuffer framed = ByteBuffer.allocate(MAGIC.length + message.length + DIGEST);
    return framed.put(MAGIC).put(message).put(md5(message)).array();
  }

  private static Messages.Tag tag(String name, @Nullable String value) {
    Messages.Tag.Builder tag = Messages.Tag.newBuilder().setKey(name);
    return (value == null ? tag : tag.setValue(value)).build();
  }

  private static Messages.Tag tag(Header header) {
    byte[] value = header.value();
    if (value == null) {
      return tag(header.name(), null);
    }
    try {
      return tag(
          header.name(),
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value)).toString());
    } catch (CharacterCodingException e) {
      return tag(BASE64 + header.name(), Base64.getEncoder().encodeToString(value));
    }
  }

  private static byte[] md5(byte[] bytes) {
    try {
      return MessageDigest.getInstance("MD5").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  // ---- reading

  @Override
  public List<Entry> read(String topic) {
    List<Entry> all = new ArrayList<>();
    try (KinesisClient client = client()) {
      for (Shard shard : client.listShards(r -> r.streamName(topic)).shards()) {
        read(client, topic, shard, all);
      }
    }
    return all;
  }

  private static void read(KinesisClient client, String topic, Shard shard, List<Entry> all) {
    String iterator =
        client
            .getShardIterator(
                r ->
                    r.streamName(topic)
                        .shardId(shard.shardId())
                        .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
            .shardIterator();
    while (iterator != null) {
      String from = iterator;
      GetRecordsResponse answer = client.getRecords(r -> r.shardIterator(from));
      for (Record record : answer.records()) {
        unpack(shard, record, all);
      }
      iterator = answer.millisBehindLatest() == 0 ? null : answer.nextShardIterator();
    }
  }

  private static void unpack(Shard shard, Record record, List<Entry> all) {
    List<KinesisClientRecord> user =
        new AggregatorUtil()
            .deaggregate(
                new ArrayList<>(List.of(KinesisClientRecord.fromRecord(record))),
                shard.hashKeyRange().startingHashKey(),
                shard.hashKeyRange().endingHashKey());
    List<Messages.Record> inner = messages(record.data().asByteArray());
    for (int i = 0; i < user.size(); i++) {
      KinesisClientRecord each = user.get(i);
      byte[] payload = new byte[each.data().remaining()];
      each.data().duplicate().get(payload);
      byte[] key = each.partitionKey().getBytes(StandardCharsets.UTF_8);
      all.add(
          each.aggregated()
              ? entry(key, payload, inner.get(i).getTagsList())
              : new Entry(key, payload, List.of()));
    }
  }

  private static List<Messages.Record> messages(byte[] data) {
    if (data.length < MAGIC.length + DIGEST
        || !Arrays.equals(MAGIC, Arrays.copyOf(data, MAGIC.length))) {
      return List.of();
    }
    try {
      return Messages.AggregatedRecord.parseFrom(
              Arrays.copyOfRange(data, MAGIC.length, data.length - DIGEST))
          .getRecordsList();
    } catch (InvalidProtocolBufferException e) {
      return List.of();
    }
  }

  @SuppressWarnings("NullAway") // of records' class files it does not read that arrays may be null
  private static Entry entry(byte[] partitionKey, byte[] data, List<Messages.Tag> tags) {
    byte @Nullable [] key = partitionKey;
    byte @Nullable [] payload = data;
    List<Header> headers = new ArrayList<>();
    for (Messages.Tag tag : tags) {
      byte[] value = tag.hasValue() ? tag.getValue().getBytes(StandardCharsets.UTF_8) : null;
      if (tag.getKey().equals(KEY)) {
        key = value;
      } else if (tag.getKey().equals(KEY_BYTES)) {
        key = Base64.getDecoder().decode(tag.getValue());
      } else if (tag.getKey().equals(NO_PAYLOAD)) {
        payload = null;
      } else if (tag.getKey().startsWith(BASE64)) {
        headers.add(
            new Header(
                tag.getKey().substring(BASE64.length()),
                Base64.getDecoder().decode(tag.getValue())));
      } else {
        headers.add(new Header(tag.getKey(), value));
      }
    }
    return new Entry(key, payload, headers);
  }
}
