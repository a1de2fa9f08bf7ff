package dev.isostream.core.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What Jackson binds: the core's own settings, as one tree. The names, defaults, bounds and
 * meanings of all properties are those of the components here and in the records below.
 *
 * <p>Components of these records are null where a value could not be read, until {@link Property}
 * has judged them.
 */
record CoreSettings(
    @Allowed(
            pattern = "[a-z][a-z0-9-]{0,31}://\\S*",
            words = "<backend>://<hosts>, as in kafka://host1:9092,host2:9092")
        @JsonPropertyDescription("The backend and where it is.")
        @Nullable String address,
    @Allowed(pattern = "[a-z][a-z0-9-]{0,31}", words = "the scheme of an address, as in kafka")
        @JsonPropertyDescription("The backend's name; together with hosts it stands for address.")
        @Nullable String backend,
    @Allowed(
            pattern = "\\S*",
            words = "what follows <backend>:// in an address, as in host1:9092,host2:9092")
        @JsonPropertyDescription("Where the backend is; only together with backend.")
        @Nullable String hosts,
    @Allowed(pattern = "[A-Za-z0-9._-]{1,100}", words = "1 to 100 letters, digits, '.', '_' or '-'")
        @JsonProperty(defaultValue = "isostream")
        @JsonPropertyDescription("Names the application to the broker, in its logs and metrics.")
        String clientId,
    @Allowed(min = "100ms", max = "10m")
        @JsonProperty(defaultValue = "30s")
        @JsonPropertyDescription(
            "How long a call that asks the backend may take: opening a producer, member or reader,"
                + " and administration. While the backend is unavailable it is asked again until"
                + " then.")
        Duration requestTimeout,
    ProducerDefaults producer,
    ConsumerDefaults consumer) {}
