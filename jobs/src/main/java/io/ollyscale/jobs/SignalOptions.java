package io.ollyscale.jobs;

import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.Signal;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.Configuration;

/**
 * The options that each signal has of its own.
 *
 * @param enabled whether the job stores the signal
 * @param topic that it is read from
 * @param encoding of the topic's records
 * @param parallelism of source, flatten and sink; not set: the job's
 */
public record SignalOptions(
        ConfigOption<Boolean> enabled,
        ConfigOption<String> topic,
        ConfigOption<RecordEncoding> encoding,
        ConfigOption<Integer> parallelism) {

    private static final Map<Signal, SignalOptions> BY_SIGNAL = new EnumMap<>(Signal.class);

    static {
        for (Signal signal : Signal.values()) {
            BY_SIGNAL.put(signal, define(signal));
        }
    }

    public static SignalOptions of(Signal signal) {
        return BY_SIGNAL.get(signal);
    }

    /** The signals that these options switch on, in the order of their declaration. */
    public static List<Signal> enabled(Configuration options) {
        return Stream.of(Signal.values())
                .filter(signal -> options.get(of(signal).enabled()))
                .toList();
    }

    /** The topics of the signals that these options switch on, in the same order. */
    public static List<String> topics(Configuration options) {
        return enabled(options).stream()
                .map(signal -> options.get(of(signal).topic()))
                .toList();
    }

    /** The topics of the others. */
    public static Set<String> topicsSwitchedOff(Configuration options) {
        Set<String> topics = Stream.of(Signal.values())
                .map(signal -> options.get(of(signal).topic()))
                .collect(Collectors.toSet());
        topics(options).forEach(topics::remove);
        return topics;
    }

    List<ConfigOption<?>> all() {
        return List.of(enabled, topic, encoding, parallelism);
    }

    private static SignalOptions define(Signal signal) {
        String prefix = "ollyscale." + signal + ".";
        return new SignalOptions(
                ConfigOptions.key(prefix + "enabled")
                        .booleanType()
                        .defaultValue(true)
                        .withDescription("Whether " + signal + " are stored."),
                ConfigOptions.key(prefix + "topic")
                        .stringType()
                        .defaultValue(signal.defaultTopic())
                        .withDescription("Topic of " + signal + "; by default the Collector's."),
                ConfigOptions.key(prefix + "encoding")
                        .enumType(RecordEncoding.class)
                        .defaultValue(RecordEncoding.OTLP_PROTO)
                        .withDescription("Encoding of the topic's records: otlp_proto or otlp_json."),
                ConfigOptions.key(prefix + "parallelism")
                        .intType()
                        .noDefaultValue()
                        .withDescription("Subtasks that store " + signal
                                + ", at most as many as the topic has partitions; the job's parallelism where it isn't"
                                + " set."));
    }
}
