package io.ollyscale.faults.fuzz;

import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.RefusalReason;
import io.ollyscale.schema.otlp.Signal;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.ToLongFunction;

/** Counts what became of messages, by signal and encoding. Not thread-safe. */
final class Tally {
    private final Map<Signal, Map<RecordEncoding, Counts>> counts = new EnumMap<>(Signal.class);
    private long messages;

    private static final class Counts {
        private final Map<RefusalReason, Long> refused = new EnumMap<>(RefusalReason.class);
        private long messages;
        private long bytes;
        private long stored;
        private long newer;
        private long units;
    }

    void add(FuzzInput input, Outcome outcome) {
        messages++;
        Counts of = of(input.signal(), input.encoding());
        of.messages++;
        of.bytes += input.message().length;
        of.units += outcome.units();
        if (outcome.refused() != null) {
            of.refused.merge(outcome.refused(), 1L, Long::sum);
        } else {
            of.stored++;
            of.newer += outcome.newer() ? 1 : 0;
        }
    }

    long messages() {
        return messages;
    }

    long stored() {
        return counts.values().stream()
                .flatMap(byEncoding -> byEncoding.values().stream())
                .mapToLong(of -> of.stored)
                .sum();
    }

    long refused(RefusalReason reason) {
        return counts.values().stream()
                .flatMap(byEncoding -> byEncoding.values().stream())
                .mapToLong(of -> of.refused.getOrDefault(reason, 0L))
                .sum();
    }

    /** A table, in Markdown: a column for each signal and encoding. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("| |");
        StringBuilder line = new StringBuilder("|---|");
        eachColumn((signal, encoding) -> {
            text.append(' ')
                    .append(signal)
                    .append(' ')
                    .append(encoding.name().substring("OTLP_".length()).toLowerCase(Locale.ROOT))
                    .append(" |");
            line.append("---:|");
        });
        text.append(" all |\n").append(line).append("---:|\n");
        row(text, "messages", of -> of.messages);
        row(text, "bytes", of -> of.bytes);
        row(text, "**stored**", of -> of.stored);
        row(text, "of these with fields of a newer OTLP", of -> of.newer);
        row(text, "units (spans, log records, points)", of -> of.units);
        row(
                text,
                "**quarantined**",
                of -> of.refused.values().stream().mapToLong(Long::longValue).sum());
        for (RefusalReason reason : RefusalReason.values()) {
            if (refused(reason) > 0) {
                row(text, reason.code(), of -> of.refused.getOrDefault(reason, 0L));
            }
        }
        return text.toString();
    }

    private void row(StringBuilder text, String name, ToLongFunction<Counts> count) {
        text.append("| ").append(name).append(" |");
        long[] sum = new long[1];
        eachColumn((signal, encoding) -> {
            long value = count.applyAsLong(of(signal, encoding));
            sum[0] += value;
            text.append(String.format(Locale.ROOT, " %,d |", value));
        });
        text.append(String.format(Locale.ROOT, " %,d |%n", sum[0]));
    }

    private static void eachColumn(BiConsumer<Signal, RecordEncoding> column) {
        for (Signal signal : Signal.values()) {
            for (RecordEncoding encoding : RecordEncoding.values()) {
                column.accept(signal, encoding);
            }
        }
    }

    private Counts of(Signal signal, RecordEncoding encoding) {
        return counts.computeIfAbsent(signal, s -> new EnumMap<>(RecordEncoding.class))
                .computeIfAbsent(encoding, e -> new Counts());
    }
}
