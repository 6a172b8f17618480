package io.ollyscale.jobs;

import io.ollyscale.functions.dimensions.DimensionRegistry;
import io.ollyscale.functions.dimensions.DimensionSink;
import io.ollyscale.functions.dimensions.Sighting;
import io.ollyscale.functions.flatten.Flatten;
import io.ollyscale.functions.flatten.FlattenFactory;
import io.ollyscale.functions.flatten.RowBatch;
import io.ollyscale.functions.flatten.WatchingFlattenFactory;
import io.ollyscale.functions.maintenance.Chore;
import io.ollyscale.functions.maintenance.Clock;
import io.ollyscale.functions.maintenance.Maintenance;
import io.ollyscale.functions.maintenance.MaintenanceSettings;
import io.ollyscale.functions.sink.PostgresCopySink;
import io.ollyscale.functions.sink.SinkSettings;
import io.ollyscale.functions.sink.TransactionRows;
import io.ollyscale.functions.source.LedgerOffsets;
import io.ollyscale.functions.source.RawRecord;
import io.ollyscale.functions.source.RawRecordDeserializer;
import io.ollyscale.schema.otlp.DecodingLimits;
import io.ollyscale.schema.otlp.OperationRollup;
import io.ollyscale.schema.otlp.RecordEncoder;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.RecordExcerpt;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.policy.PolicyException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.kafka.clients.consumer.ConsumerConfig;

/**
 * Stores OTLP from Kafka in PostgreSQL.
 *
 * <pre>
 *  Kafka ─► traces-source  ─► traces-flatten  ─► traces-sink  ─► PostgreSQL     one chained task for each signal
 *        ─► logs-source    ─► logs-flatten    ─► logs-sink    ─► PostgreSQL
 *        ─► metrics-source ─► metrics-flatten ─► metrics-sink ─► PostgreSQL
 *             raw records       │   RowBatch        facts, attributes, rollups, ledger, quarantine
 *                      policy ─►│
 *                               └ sightings ─ keyBy ─► dimension-registry ─► dimension-sink ─► PostgreSQL
 *                                                        what is due          resources, scopes, services, operations,
 *                                                                             metrics, series
 *
 *  clock ─► maintenance ─► PostgreSQL                                            partitions ahead, rollups folded
 *                       ─► Kafka                                                 replays that SQL asked for
 * </pre>
 */
public final class IngestJob {
    public static final String NAME = "ollyscale ingest";

    private IngestJob() {}

    /**
     * Submits the job to the cluster that runs this. Options come from {@code flink run -D name=value} and the cluster's
     * files, which can't be told apart here; the environment only adds what they leave out.
     */
    public static void main(String[] args) throws Exception {
        if (args.length > 0) {
            throw new UserFailure("the job takes no arguments; set options with -D name=value before the jar");
        }
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        Configuration options = new Configuration();
        OptionSources.addEnvironment(options, System.getenv());
        options.addAll(Configuration.fromMap(env.getConfiguration().toMap()));
        define(env, options);
        env.execute(NAME);
    }

    /** What facts could do without; a benchmark measures what it costs. */
    public enum Part {
        DIMENSIONS,
        POLICY_WATCH,
        ROLLUPS;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** Prepares both ends and builds the graph. */
    public static void define(StreamExecutionEnvironment env, Configuration options)
            throws SQLException, PolicyException {
        define(env, options, EnumSet.noneOf(Part.class));
    }

    /** As {@link #define(StreamExecutionEnvironment, Configuration)}, but less. */
    public static void define(StreamExecutionEnvironment env, Configuration options, Set<Part> without)
            throws SQLException, PolicyException {
        IngestSetup setup = IngestSetup.prepare(options, NAME);
        List<DataStream<Sighting>> sightings = new ArrayList<>();
        for (Signal signal : SignalOptions.enabled(options)) {
            FlattenFactory flatten = without.contains(Part.POLICY_WATCH)
                    ? flatten(signal, options, setup)
                    : watchingFlatten(signal, options, setup);
            TransactionRows rollups = signal == Signal.TRACES && !without.contains(Part.ROLLUPS)
                    ? OperationRollup::of
                    : TransactionRows.NONE;
            sightings.add(facts(env, signal, flatten, rollups, options, setup).getSideOutput(Flatten.SIGHTINGS));
        }
        if (!without.contains(Part.DIMENSIONS)) {
            sightings.stream().reduce(DataStream::union).ifPresent(all -> dimensions(all, options, setup));
        }
        maintenance(env, options, setup, without);
    }

    private static FlattenFactory watchingFlatten(Signal signal, Configuration options, IngestSetup setup) {
        return new WatchingFlattenFactory(
                flatten(signal, options, setup),
                options.get(IngestOptions.POLICY_DIRECTORY),
                setup.postgres(),
                options.get(IngestOptions.POLICY_WATCH_INTERVAL));
    }

    private static FlattenFactory flatten(Signal signal, Configuration options, IngestSetup setup) {
        return new FlattenFactory(
                new RecordEncoder(
                        signal, options.get(SignalOptions.of(signal).encoding()), setup.policy(), limits(options)),
                options.get(IngestOptions.KEEP_NEWER_OTLP)
                        ? Flatten.NewerOtlp.KEEP_RECORD
                        : Flatten.NewerOtlp.COUNT_ONLY,
                options.get(IngestOptions.DIMENSION_SIGHTING_INTERVAL),
                options.get(IngestOptions.MAX_RECENT_DIMENSIONS));
    }

    private static SingleOutputStreamOperator<RowBatch> facts(
            StreamExecutionEnvironment env,
            Signal signal,
            FlattenFactory flatten,
            TransactionRows rollups,
            Configuration options,
            IngestSetup setup) {
        SignalOptions own = SignalOptions.of(signal);
        RecordEncoding encoding = options.get(own.encoding());
        int parallelism = options.getOptional(own.parallelism()).orElse(env.getParallelism());
        SingleOutputStreamOperator<RowBatch> batches = env.fromSource(
                        source(options.get(own.topic()), options, setup),
                        WatermarkStrategy.noWatermarks(),
                        Uids.source(signal))
                .uid(Uids.source(signal))
                .setParallelism(parallelism)
                .transform(Uids.flatten(signal), TypeInformation.of(RowBatch.class), flatten)
                .uid(Uids.flatten(signal))
                .setParallelism(parallelism);
        batches.sinkTo(new PostgresCopySink(
                        sinkSettings(signal, options, setup),
                        (record, parts) -> RecordExcerpt.of(signal, encoding, record, parts),
                        rollups))
                .name(Uids.sink(signal))
                .uid(Uids.sink(signal))
                .setParallelism(parallelism);
        return batches;
    }

    private static DecodingLimits limits(Configuration options) {
        return new DecodingLimits(
                options.get(IngestOptions.MAX_NESTING),
                options.get(IngestOptions.MAX_ID_BYTES),
                options.get(IngestOptions.MAX_MESSAGES),
                options.get(IngestOptions.MAX_ROW_BYTES).getBytes());
    }

    private static void dimensions(DataStream<Sighting> sightings, Configuration options, IngestSetup setup) {
        DimensionRegistry registry = new DimensionRegistry(
                options.get(IngestOptions.DIMENSION_REWRITE_INTERVAL), options.get(IngestOptions.MAX_OPERATIONS));
        sightings
                .keyBy(Sighting::key, Types.LONG)
                .process(registry)
                .name(Uids.DIMENSION_REGISTRY)
                .uid(Uids.DIMENSION_REGISTRY)
                .sinkTo(new DimensionSink(setup.postgres(), options.get(IngestOptions.MAX_OPERATIONS)))
                .name(Uids.DIMENSION_SINK)
                .uid(Uids.DIMENSION_SINK);
    }

    private static void maintenance(
            StreamExecutionEnvironment env, Configuration options, IngestSetup setup, Set<Part> without) {
        MaintenanceSettings settings = MaintenanceOptions.settings(options);
        Maintenance maintenance = new Maintenance(
                setup.postgres(),
                setup.kafka(),
                without.contains(Part.ROLLUPS) ? settings.without(Chore.FOLDING) : settings);
        env.fromSource(Clock.source(), WatermarkStrategy.noWatermarks(), Uids.CLOCK)
                .uid(Uids.CLOCK)
                .setParallelism(1)
                .process(maintenance)
                .name(Uids.MAINTENANCE)
                .uid(Uids.MAINTENANCE)
                .setParallelism(1)
                .sinkTo(new DiscardingSink<>())
                .name(Uids.MAINTENANCE_END)
                .uid(Uids.MAINTENANCE_END)
                .setParallelism(1);
    }

    private static KafkaSource<RawRecord> source(String topic, Configuration options, IngestSetup setup) {
        return KafkaSource.<RawRecord>builder()
                .setTopics(topic)
                .setGroupId(options.get(IngestOptions.KAFKA_GROUP))
                .setStartingOffsets(new LedgerOffsets(setup.postgres(), setup.kafka()))
                .setProperties(setup.kafka())
                .setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed")
                .setDeserializer(new RawRecordDeserializer())
                .build();
    }

    private static SinkSettings sinkSettings(Signal signal, Configuration options, IngestSetup setup) {
        return new SinkSettings(
                signal.toString(),
                setup.postgres(),
                List.of(options.get(SignalOptions.of(signal).topic())),
                setup.kafka(),
                setup.generation(),
                options.get(IngestOptions.MAX_UNITS),
                options.get(IngestOptions.MAX_BYTES).getBytes(),
                options.get(IngestOptions.MAX_AGE),
                options.get(IngestOptions.MAX_REFUSED_PARTS));
    }
}
