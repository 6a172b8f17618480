package io.ollyscale.faults.load;

import com.google.protobuf.InvalidProtocolBufferException;
import io.ollyscale.functions.testing.Findings;
import io.ollyscale.functions.testing.Units;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.testing.NumberedRecords;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** What was sent, to be compared with what is stored, item by item. */
public final class Expected {
    private final Map<Signal, String> topics;
    private final Map<Signal, List<SentRecord>> sent;

    Expected(Map<Signal, String> topics, Map<Signal, List<SentRecord>> sent) {
        this.topics = topics;
        this.sent = sent;
    }

    /** Compares it with a store in which everything has come to rest. */
    public Outcome compareWith(Connection store) throws SQLException {
        Outcome all = quarantined(store);
        for (Signal signal : sent.keySet()) {
            all = all.plus(stored(signal, store));
        }
        return all;
    }

    /** Compares numbers alone, each of which must be there once: for stores that are too large to be read as a whole. */
    public Outcome countIn(Connection store) throws SQLException {
        Outcome all = Outcome.NOTHING;
        for (Signal signal : sent.keySet()) {
            long units = sent.get(signal).stream()
                    .flatMapToInt(record -> numbers(record.message()))
                    .count();
            try (Statement statement = store.createStatement();
                    ResultSet row = statement.executeQuery("SELECT count(*), count(DISTINCT number) FROM ("
                            + NumberedRecords.storedNumbers(signal) + ") AS stored")) {
                row.next();
                long distinct = row.getLong(2);
                all = all.plus(
                        new Outcome(units, distinct, 0, row.getLong(1) - distinct, units - distinct, 0, List.of()));
            }
        }
        return all;
    }

    private Outcome stored(Signal signal, Connection store) throws SQLException {
        List<NumberedMessage> messages =
                sent.get(signal).stream().map(SentRecord::message).toList();
        SortedSet<Integer> numbers = new TreeSet<>();
        messages.forEach(message -> numbers(message).forEach(numbers::add));
        Findings findings = Findings.of(
                new Findings.Sent(
                        signal,
                        NumberedEncoding.of(signal),
                        topics.get(signal),
                        numbers,
                        messages.stream().flatMap(NumberedMessage::stored).toList(),
                        NumberedMessage::instance),
                store);
        List<String> remarks = new ArrayList<>(findings.counts());
        findings.gaps().forEach(gap -> remarks.add(topics.get(signal) + " has a gap: " + gap));
        if (!findings.missing().isEmpty()
                || !findings.doubled().isEmpty()
                || !findings.altered().isEmpty()) {
            remarks.add(signal + ": missing " + Findings.ranges(findings.missing()) + ", doubled "
                    + Findings.ranges(findings.doubled()) + ", altered " + Findings.ranges(findings.altered()));
        }
        return new Outcome(
                numbers.size(),
                numbers.size() - findings.missing().size(),
                0,
                findings.doubled().size(),
                findings.missing().size(),
                findings.altered().size(),
                remarks);
    }

    private static IntStream numbers(NumberedMessage message) {
        IntStream all = IntStream.range(message.first(), message.first() + NumberedMessage.UNITS);
        return switch (message.flaw()) {
            case NONE -> all;
            case CUT_OFF -> IntStream.empty();
            case REFUSED_UNIT -> all.filter(number -> number != message.refusedUnit());
        };
    }

    /** Each refused record and unit must be there once with its bytes, and nothing else. */
    private Outcome quarantined(Connection store) throws SQLException {
        Map<String, Integer> expected = new HashMap<>();
        sent.values().stream()
                .flatMap(List::stream)
                .filter(record -> record.message().flaw() != NumberedMessage.Flaw.NONE)
                .forEach(record -> expected.merge(described(record), 1, Integer::sum));
        Map<String, Integer> found = quarantine(store);
        long lost = expected.keySet().stream()
                .filter(record -> !found.containsKey(record))
                .count();
        long tooMany = found.entrySet().stream()
                .mapToInt(record -> Math.max(0, record.getValue() - expected.getOrDefault(record.getKey(), 0)))
                .sum();
        List<String> remarks = new ArrayList<>();
        if (lost > 0 || tooMany > 0) {
            Map<String, Integer> difference = new HashMap<>(expected);
            found.forEach((record, times) -> difference.merge(record, -times, Integer::sum));
            difference.values().removeIf(times -> times == 0);
            remarks.add("quarantine differs (expected less found): " + difference);
        }
        return new Outcome(expected.size(), 0, expected.size() - lost, tooMany, lost, 0, remarks);
    }

    private String described(SentRecord record) {
        NumberedMessage message = record.message();
        return place(message.signal(), record.partition(), record.offset())
                + (message.flaw() == NumberedMessage.Flaw.CUT_OFF
                        ? "whole " + Arrays.hashCode(message.bytes())
                        : "unit " + message.refusedUnit());
    }

    private static Map<String, Integer> quarantine(Connection store) throws SQLException {
        Map<String, Integer> found = new HashMap<>();
        try (Statement statement = store.createStatement();
                ResultSet row = statement.executeQuery("SELECT signal, partition_id, record_offset, reason, payload"
                        + " FROM otel.quarantined_records ORDER BY id")) {
            while (row.next()) {
                Signal signal = Signal.valueOf(row.getString("signal").toUpperCase(Locale.ROOT));
                byte[] payload = row.getBytes("payload");
                found.merge(
                        place(signal, row.getInt("partition_id"), row.getLong("record_offset"))
                                + content(row.getString("reason"), payload),
                        1,
                        Integer::sum);
            }
        }
        return found;
    }

    private static String content(String reason, byte[] payload) {
        try {
            return switch (reason) {
                case "invalid-protobuf", "invalid-json" -> "whole " + Arrays.hashCode(payload);
                case "refused-by-postgres" -> {
                    List<Long> numbers = Units.numbers(TracesData.parseFrom(payload));
                    yield "unit " + (numbers.size() == 1 ? numbers.get(0) : numbers);
                }
                default -> reason;
            };
        } catch (InvalidProtocolBufferException e) {
            return "broken " + e.getMessage();
        }
    }

    private static String place(Signal signal, int partition, long offset) {
        return signal + "-" + partition + " " + offset + " ";
    }
}
