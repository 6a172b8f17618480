package io.ollyscale.jobs.cli;

import io.ollyscale.schema.otlp.Signal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.apache.flink.util.TimeUtils;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Properties that records in quarantine are chosen by; those that are given must all hold. */
final class QuarantineFilter {

    @Option(names = "--signal", paramLabel = "SIGNAL", description = "Of this signal: ${COMPLETION-CANDIDATES}.")
    private Signal signal;

    @Option(
            names = "--reason",
            paramLabel = "REASON",
            description = "Refused for this reason; \"list\" shows which there are.")
    private String reason;

    @Option(names = "--topic", paramLabel = "TOPIC", description = "Read from this topic.")
    private String topic;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            converter = Time.class,
            description = "Quarantined then or later: 2026-11-20T10:00:00Z, or 2h for two hours ago.")
    private Instant since;

    @Option(names = "--until", paramLabel = "TIME", converter = Time.class, description = "Quarantined before.")
    private Instant until;

    boolean isEmpty() {
        return signal == null && reason == null && topic == null && since == null && until == null;
    }

    QuarantineSelection selection() {
        QuarantineSelection selection = QuarantineSelection.ALL;
        if (signal != null) {
            selection = selection.and("signal = ?", signal.toString());
        }
        if (reason != null) {
            selection = selection.and("reason = ?", reason);
        }
        if (topic != null) {
            selection = selection.and("topic = ?", topic);
        }
        if (since != null) {
            selection = selection.and("quarantined_at >= ?::timestamptz", since.toString());
        }
        if (until != null) {
            selection = selection.and("quarantined_at < ?::timestamptz", until.toString());
        }
        return selection;
    }

    static final class Time implements ITypeConverter<Instant> {
        @Override
        public Instant convert(String text) {
            try {
                return OffsetDateTime.parse(text).toInstant();
            } catch (DateTimeException e) {
                return ago(text);
            }
        }

        private static Instant ago(String text) {
            try {
                Duration ago = TimeUtils.parseDuration(text);
                return Instant.now().minus(ago);
            } catch (IllegalArgumentException | DateTimeException | ArithmeticException e) {
                throw new TypeConversionException(
                        "'" + text + "' is neither a time such as 2026-11-20T10:00:00Z nor an age such as 2h");
            }
        }
    }
}
