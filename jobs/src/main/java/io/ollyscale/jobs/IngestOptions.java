package io.ollyscale.jobs;

import io.ollyscale.functions.sink.SinkSettings;
import io.ollyscale.schema.otlp.DecodingLimits;
import java.time.Duration;
import java.util.Map;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.MemorySize;

/**
 * The job's options. They are set as {@code -D name=value}, in {@code config.yaml} beside Flink's own, or as environment
 * variables: the name in capitals with underscores ({@code OLLYSCALE_POSTGRES_URL}). {@link SignalOptions} has those of single
 * signals.
 */
public final class IngestOptions {
    private IngestOptions() {}

    public static final ConfigOption<String> POSTGRES_URL = ConfigOptions.key("ollyscale.postgres.url")
            .stringType()
            .noDefaultValue()
            .withDescription("The store: postgresql://user:password@host:port/database, or a JDBC URL.");

    public static final ConfigOption<String> POSTGRES_PASSWORD = ConfigOptions.key("ollyscale.postgres.password")
            .stringType()
            .noDefaultValue()
            .withDescription(
                    "The password, where it isn't in the URL. On a cluster set it here: Flink shows and logs its"
                            + " configuration, but hides what is called a password.");

    public static final ConfigOption<String> KAFKA = ConfigOptions.key("ollyscale.kafka")
            .stringType()
            .noDefaultValue()
            .withDescription("Kafka's bootstrap servers: host:port, separated by commas.");

    public static final ConfigOption<Map<String, String>> KAFKA_PROPERTIES = ConfigOptions.key(
                    "ollyscale.kafka-properties")
            .mapType()
            .defaultValue(Map.of())
            .withDescription("Further properties of Kafka's clients, such as security.protocol.");

    public static final ConfigOption<String> KAFKA_GROUP = ConfigOptions.key("ollyscale.kafka-group")
            .stringType()
            .defaultValue("ollyscale")
            .withDescription(
                    "Consumer group that offsets are committed under, for lag monitors. The ledger alone decides"
                            + " where ingest resumes.");

    public static final ConfigOption<Integer> MAX_UNITS = ConfigOptions.key("ollyscale.transaction.max-units")
            .intType()
            .defaultValue(SinkSettings.DEFAULT_MAX_UNITS)
            .withDescription(
                    "Spans, log records or points of a transaction. Smaller ones cost throughput (5,000: -18 %),"
                            + " larger ones gain nothing.");

    public static final ConfigOption<MemorySize> MAX_BYTES = ConfigOptions.key("ollyscale.transaction.max-bytes")
            .memoryType()
            .defaultValue(new MemorySize(SinkSettings.DEFAULT_MAX_BYTES))
            .withDescription("Memory of a transaction's records and rows; two are held for each subtask. Without it a"
                    + " catch-up fills one for many seconds.");

    public static final ConfigOption<Duration> MAX_AGE = ConfigOptions.key("ollyscale.transaction.max-age")
            .durationType()
            .defaultValue(SinkSettings.DEFAULT_MAX_AGE)
            .withDescription("Longest time that a record waits for its transaction to begin.");

    public static final ConfigOption<Integer> MAX_REFUSED_PARTS = ConfigOptions.key("ollyscale.quarantine.max-parts")
            .intType()
            .defaultValue(SinkSettings.DEFAULT_MAX_REFUSED_PARTS)
            .withDescription("Refused parts of one record that are singled out; each costs some COPYs. Pieces that are"
                    + " refused beyond that go to quarantine whole.");

    public static final ConfigOption<Boolean> KEEP_NEWER_OTLP = ConfigOptions.key("ollyscale.quarantine.newer-otlp")
            .booleanType()
            .defaultValue(true)
            .withDescription("Whether the bytes of a record with fields that this release doesn't know are kept in"
                    + " quarantine, beside its rows.");

    public static final ConfigOption<Integer> MAX_NESTING = ConfigOptions.key("ollyscale.decode.max-nesting")
            .intType()
            .defaultValue(DecodingLimits.DEFAULT.nesting())
            .withDescription("Levels of arrays and kvlists within an attribute value. JSONB's parser and every reader"
                    + " recurse over them.");

    public static final ConfigOption<Integer> MAX_ID_BYTES = ConfigOptions.key("ollyscale.decode.max-id-bytes")
            .intType()
            .defaultValue(DecodingLimits.DEFAULT.idBytes())
            .withDescription("Longest trace or span id in bytes. OTLP says 16 and 8; an index entry ends at 2,700.");

    public static final ConfigOption<Integer> MAX_MESSAGES = ConfigOptions.key("ollyscale.decode.max-messages")
            .intType()
            .defaultValue(DecodingLimits.DEFAULT.messages())
            .withDescription("Protobuf messages in a record: an empty one takes two bytes on the wire and a hundred in"
                    + " memory. 100,000 spans of ten attributes have 2.1 million.");

    public static final ConfigOption<MemorySize> MAX_ROW_BYTES = ConfigOptions.key("ollyscale.decode.max-row-bytes")
            .memoryType()
            .defaultValue(new MemorySize(DecodingLimits.DEFAULT.rowBytes()))
            .withDescription(
                    "Memory of a record's rows, which are mostly as large as the record, and of new dimensions, half a"
                            + " kilobyte each and their texts. A double of eight bytes may take 310 in the"
                            + " catch-all.");

    public static final ConfigOption<Duration> DIMENSION_REWRITE_INTERVAL = ConfigOptions.key(
                    "ollyscale.dimensions.rewrite-interval")
            .durationType()
            .defaultValue(Duration.ofDays(1))
            .withDescription("How long a write of a dimension that is still seen counts."
                    + " Then it is written again: last_seen grows, and a row that was deleted comes back.");

    public static final ConfigOption<Duration> DIMENSION_SIGHTING_INTERVAL = ConfigOptions.key(
                    "ollyscale.dimensions.sighting-interval")
            .durationType()
            .defaultValue(Duration.ofMinutes(10))
            .withDescription("How often a subtask reports one that it keeps seeing to the registry. Adds to the"
                    + " rewrite interval.");

    public static final ConfigOption<Integer> MAX_RECENT_DIMENSIONS = ConfigOptions.key(
                    "ollyscale.dimensions.max-recent")
            .intType()
            .defaultValue(100_000)
            .withDescription("How many a subtask remembers as reported, and as many series, at about 200 bytes each."
                    + " Where there are more, each record reports some again.");

    public static final ConfigOption<Integer> MAX_OPERATIONS = ConfigOptions.key("ollyscale.operations.max-per-service")
            .intType()
            .defaultValue(2_000)
            .withDescription("Operations of a service that get a row. A service has tens or hundreds; thousands are ids"
                    + " in span names, each with rollups of its own. Spans beyond keep their names.");

    public static final ConfigOption<String> POLICY_DIRECTORY = ConfigOptions.key("ollyscale.policy.directory")
            .stringType()
            .defaultValue("flink-conf")
            .withDescription(
                    "Where promoted-keys.yaml and dropped-keys.yaml are: for the submission, and for the JobManager, which watches them.");

    public static final ConfigOption<Duration> POLICY_WATCH_INTERVAL = ConfigOptions.key(
                    "ollyscale.policy.watch-interval")
            .durationType()
            .defaultValue(Duration.ofMinutes(1))
            .withDescription(
                    "How often the attribute policy's files are looked at. What they say takes effect without a restart.");

    public static final ConfigOption<Duration> PARTITIONS_AHEAD = ConfigOptions.key("ollyscale.partitions.ahead")
            .durationType()
            .defaultValue(Duration.ofDays(2))
            .withDescription("How far ahead partitions are created: the longest time that maintenance may fail without"
                    + " ingest noticing.");

    public static final ConfigOption<Duration> PARTITIONS_WIDTH = ConfigOptions.key("ollyscale.partitions.width")
            .durationType()
            .defaultValue(Duration.ofDays(1))
            .withDescription("Time of arrival that a new partition holds: whole hours or days. Retention drops whole"
                    + " partitions.");

    public static final ConfigOption<Duration> MAINTENANCE_INTERVAL = ConfigOptions.key(
                    "ollyscale.maintenance.interval")
            .durationType()
            .defaultValue(Duration.ofMinutes(1))
            .withDescription(
                    "How often maintenance looks for what is due, in seconds: it isn't done more often than each second.");

    public static final ConfigOption<Duration> ROLLUP_FOLD_INTERVAL = ConfigOptions.key(
                    "ollyscale.rollups.fold-interval")
            .durationType()
            .defaultValue(Duration.ofSeconds(10))
            .withDescription("How often new rollups are folded into their tables. Views have them before that; the"
                    + " longer it is, the more they add up when they are read.");

    public static final ConfigOption<Duration> ROLLUP_MINUTES_RETENTION = ConfigOptions.key(
                    "ollyscale.rollups.minutes-retention")
            .durationType()
            .defaultValue(Duration.ofDays(30))
            .withDescription(
                    "How long rollups by minute are kept, by the time of the spans: 1 h or longer; 0 s: for ever.");

    public static final ConfigOption<Duration> ROLLUP_HOURS_RETENTION = ConfigOptions.key(
                    "ollyscale.rollups.hours-retention")
            .durationType()
            .defaultValue(Duration.ofDays(400))
            .withDescription("How long rollups by hour are kept, likewise.");
}
