package dev.isostream.kinesis;

import dev.isostream.InvalidPositionException;
import dev.isostream.Position;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.Place;
import dev.isostream.spi.StoredCursor;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;
import software.amazon.awssdk.services.dynamodb.model.ResourceInUseException;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.ReturnValue;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

/**
 * The table of all groups; the layout is on the adapter's page. Thread-safe.
 *
 * <p>All of a group lies under one partition key, {@code <topic>/<group>}: an item for each lane
 * under the shard's name, and one for each member. Under {@code <topic>/} lie the groups' names.
 */
final class KinesisTable {

  static final String GROUP = "group";
  static final String ITEM = "item";

  /** The layout's version; what has a higher one is refused. */
  static final int LAYOUT = 1;

  static final String LAYOUT_VERSION = "layout";
  static final String OWNER = "owner";
  static final String EPOCH = "epoch";
  static final String VERSION = "version";
  static final String WANTED = "wanted";
  static final String PLACE = "place";
  static final String STATE = "state";
  static final String COMMIT = "commit";
  static final String ENDED = "ended";
  static final String STREAM = "stream";
  static final String SEEN = "seen";
  static final String ANCHOR = "anchor";

  /** The registered consumer that a group reads by; absent where it has none. */
  static final String CONSUMER = "consumer";

  static final String MEMBER_PREFIX = "member:";

  private static final String ORIGIN = "origin";
  private static final String AT = "at ";
  private static final String AFTER = "after ";

  private final KinesisClients clients;
  private final String name;

  KinesisTable(KinesisClients clients) {
    this.clients = clients;
    this.name = clients.config().table();
  }

  String name() {
    return name;
  }

  private DynamoDbAsyncClient client() {
    return clients.dynamoDb();
  }

  static String key(String topic, String group) {
    return topic + "/" + group;
  }

  /** Makes the table where there is none. Blocks until it serves, for some seconds at most. */
  void require() {
    try {
      KinesisClients.await(client().describeTable(r -> r.tableName(name)));
      return;
    } catch (ResourceNotFoundException absent) {
      create();
    }
  }

  private void create() {
    try {
      KinesisClients.await(
          client()
              .createTable(
                  r ->
                      r.tableName(name)
                          .billingMode(BillingMode.PAY_PER_REQUEST)
                          .keySchema(key(GROUP, KeyType.HASH), key(ITEM, KeyType.RANGE))
                          .attributeDefinitions(attribute(GROUP), attribute(ITEM))));
    } catch (ResourceInUseException others) {
      // another member was faster
    }
    clients.waiting().untilTableServes(name);
  }

  private static KeySchemaElement key(String attribute, KeyType type) {
    return KeySchemaElement.builder().attributeName(attribute).keyType(type).build();
  }

  private static AttributeDefinition attribute(String attribute) {
    return AttributeDefinition.builder()
        .attributeName(attribute)
        .attributeType(ScalarAttributeType.S)
        .build();
  }

  // ---- reading

  /**
   * What lies under one key, as of now.
   *
   * @param now the service's clock, in seconds; 0 where it does not tell
   */
  record Found(List<Map<String, AttributeValue>> items, long now) {}

  /** Empty where the table is not there. Blocks. */
  Found query(String key) {
    List<Map<String, AttributeValue>> items = new ArrayList<>();
    Map<String, AttributeValue> from = null;
    long now = 0;
    do {
      QueryRequest request =
          QueryRequest.builder()
              .tableName(name)
              .consistentRead(true)
              .keyConditionExpression("#g = :g")
              .expressionAttributeNames(Map.of("#g", GROUP))
              .expressionAttributeValues(Map.of(":g", text(key)))
              .exclusiveStartKey(from)
              .build();
      QueryResponse answer;
      try {
        answer = KinesisClients.await(client().query(request));
      } catch (ResourceNotFoundException absent) {
        return new Found(List.of(), 0);
      }
      items.addAll(answer.items());
      now = serverSeconds(answer.sdkHttpResponse());
      from = answer.hasLastEvaluatedKey() ? answer.lastEvaluatedKey() : null;
    } while (from != null);
    return new Found(items, now);
  }

  /** The header {@code Date}: the one clock that all members share. */
  private static long serverSeconds(SdkHttpResponse answer) {
    try {
      return answer
          .firstMatchingHeader("Date")
          .map(date -> Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date)))
          .map(Instant::getEpochSecond)
          .orElse(0L);
    } catch (DateTimeException e) {
      return 0;
    }
  }

  // ---- writing

  /** A change of one item, made if the condition holds. */
  static final class Change {
    private final Map<String, AttributeValue> key;
    private final List<String> sets = new ArrayList<>();
    private final List<String> removes = new ArrayList<>();
    private final Map<String, String> names = new HashMap<>();
    private final Map<String, AttributeValue> values = new HashMap<>();
    private String condition = "";

    Change(String group, String item) {
      this.key = Map.of(GROUP, text(group), ITEM, text(item));
    }

    private String name(String attribute) {
      names.put("#" + attribute, attribute);
      return "#" + attribute;
    }

    private String value(AttributeValue value) {
      String reference = ":v" + values.size();
      values.put(reference, value);
      return reference;
    }

    Change set(String attribute, AttributeValue value) {
      sets.add(name(attribute) + " = " + value(value));
      return this;
    }

    Change add(String attribute, long number) {
      String named = name(attribute);
      sets.add(
          named
              + " = if_not_exists("
              + named
              + ", "
              + value(number(0))
              + ") + "
              + value(number(number)));
      return this;
    }

    Change remove(String attribute) {
      removes.add(name(attribute));
      return this;
    }

    private Change and(String more) {
      condition = condition.isEmpty() ? more : condition + " AND " + more;
      return this;
    }

    Change ifEqual(String attribute, AttributeValue value) {
      return and(name(attribute) + " = " + value(value));
    }

    Change ifAbsent(String attribute) {
      return and("attribute_not_exists(" + name(attribute) + ")");
    }

    /** As the number was seen; 0 stands for one that is not there. */
    Change ifNumber(String attribute, long seen) {
      return seen == 0
          ? and(
              "(attribute_not_exists("
                  + name(attribute)
                  + ") OR "
                  + name(attribute)
                  + " = "
                  + value(number(0))
                  + ")")
          : ifEqual(attribute, number(seen));
    }

    Change ifBelow(String attribute, long number) {
      return and(
          "(attribute_not_exists("
              + name(attribute)
              + ") OR "
              + name(attribute)
              + " < "
              + value(number(number))
              + ")");
    }

    private UpdateItemRequest request(String table) {
      StringBuilder update = new StringBuilder();
      if (!sets.isEmpty()) {
        update.append("SET ").append(String.join(", ", sets));
      }
      if (!removes.isEmpty()) {
        update.append(" REMOVE ").append(String.join(", ", removes));
      }
      return UpdateItemRequest.builder()
          .tableName(table)
          .key(key)
          .updateExpression(update.toString().strip())
          .conditionExpression(condition.isEmpty() ? null : condition)
          .expressionAttributeNames(names)
          .expressionAttributeValues(values.isEmpty() ? null : values)
          .returnValues(ReturnValue.ALL_NEW)
          .build();
    }
  }

  /** The item as it is now; null where the condition did not hold. */
  CompletableFuture<@Nullable Map<String, AttributeValue>> update(Change change) {
    return client()
        .updateItem(change.request(name))
        .handle(
            (answer, failure) -> {
              if (answer != null) {
                return answer.attributes();
              }
              Throwable bare = KinesisErrors.bare(failure);
              if (bare instanceof ConditionalCheckFailedException) {
                return null;
              }
              String doing = "Writing table \"" + name + "\"";
              throw bare instanceof ResourceNotFoundException
                  ? KinesisErrors.of(ErrorKind.UNAVAILABLE, doing + ", which is not there,", bare)
                  : KinesisErrors.translate(doing, failure);
            });
  }

  /** Whatever the item is; nothing where there is none, and no table. */
  CompletableFuture<Void> delete(String group, String item) {
    Map<String, AttributeValue> key = Map.of(GROUP, text(group), ITEM, text(item));
    return client()
        .deleteItem(r -> r.tableName(name).key(key))
        .handle(
            (answer, failure) -> {
              if (failure == null
                  || KinesisErrors.bare(failure) instanceof ResourceNotFoundException) {
                return null;
              }
              throw KinesisErrors.translate("Writing table \"" + name + "\"", failure);
            });
  }

  // ---- attributes

  static AttributeValue text(String value) {
    return AttributeValue.fromS(value);
  }

  static AttributeValue number(long value) {
    return AttributeValue.fromN(Long.toString(value));
  }

  static AttributeValue bytes(byte[] value) {
    return AttributeValue.fromB(SdkBytes.fromByteArrayUnsafe(value));
  }

  static @Nullable String text(Map<String, AttributeValue> item, String attribute) {
    AttributeValue value = item.get(attribute);
    return value == null ? null : value.s();
  }

  /** 0 where it is absent or none (contract E5). */
  static long number(Map<String, AttributeValue> item, String attribute) {
    AttributeValue value = item.get(attribute);
    try {
      return value == null || value.n() == null ? 0 : Long.parseLong(value.n());
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  static AttributeValue placeText(Place place) {
    if (place instanceof Place.At at) {
      return text(AT + at.position());
    }
    return text(place instanceof Place.After after ? AFTER + after.position() : ORIGIN);
  }

  /** The cursor in an item; null where it has none. */
  static @Nullable StoredCursor cursor(Map<String, AttributeValue> item) {
    if (number(item, LAYOUT_VERSION) > LAYOUT) {
      throw KinesisErrors.of(
          ErrorKind.INVALID,
          "Reading a cursor of layout "
              + number(item, LAYOUT_VERSION)
              + ", where this version knows "
              + LAYOUT
              + ",",
          null);
    }
    String place = text(item, PLACE);
    if (place == null) {
      return null;
    }
    AttributeValue state = item.get(STATE);
    byte[] bytes = state == null || state.b() == null ? new byte[0] : state.b().asByteArrayUnsafe();
    return new StoredCursor(place(place), bytes);
  }

  private static Place place(String text) {
    try {
      if (text.startsWith(AT)) {
        return new Place.At(Position.parse(text.substring(AT.length())));
      }
      if (text.startsWith(AFTER)) {
        return new Place.After(Position.parse(text.substring(AFTER.length())));
      }
      if (text.equals(ORIGIN)) {
        return Place.Origin.INSTANCE;
      }
    } catch (InvalidPositionException e) {
      throw KinesisErrors.of(ErrorKind.INVALID, "Reading a stored place", e);
    }
    throw KinesisErrors.of(ErrorKind.INVALID, "Reading a stored place, \"" + text + "\",", null);
  }
}
