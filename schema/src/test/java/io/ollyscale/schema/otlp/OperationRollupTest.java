package io.ollyscale.schema.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import io.ollyscale.schema.copy.CopyChunk;
import io.ollyscale.schema.rollup.DurationBins;
import io.ollyscale.schema.rollup.SpanMeasures;
import io.ollyscale.schema.tables.Table;
import io.ollyscale.schema.testing.CopyTuples;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OperationRollupTest {
    private static final long MINUTE = 60_000_000_000L;
    private static final long POSTGRES_MINUTE = 60_000_000L;

    /** What is added up here in the plainest way. */
    private record Span(
            long operation,
            long service,
            long resource,
            int kind,
            boolean isError,
            long start,
            long end,
            String state) {

        Long window() {
            return start == 0 ? null : Long.divideUnsigned(start, MINUTE) * POSTGRES_MINUTE;
        }

        boolean isInvalid() {
            return start == 0 || end == 0 || Long.compareUnsigned(end, start) < 0 || end - start < 0;
        }

        long duration() {
            return isInvalid() ? 0 : end - start;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void addsUpWhatIsStored(int seed) {
        Random random = new Random(seed);
        List<RecordPart> stored = new ArrayList<>();
        List<Span> spans = new ArrayList<>();
        for (int record = 0; record < 1 + random.nextInt(5); record++) {
            List<Span> ofRecord = new ArrayList<>();
            SpanMeasures.Builder measures = new SpanMeasures.Builder();
            for (int n = random.nextInt(1_500); n >= 0; n--) {
                Span span = randomSpan(random);
                ofRecord.add(span);
                measures.add(
                        span.operation,
                        span.service,
                        span.resource,
                        span.kind,
                        span.isError,
                        span.start,
                        span.end,
                        span.state);
            }
            EncodedRecord encoded = record(measures.build());
            int from = random.nextInt(ofRecord.size());
            int to = from + random.nextInt(ofRecord.size() - from + 1);
            stored.add(new RecordPart(encoded, new UnitRange(from, to)));
            spans.addAll(ofRecord.subList(from, to));
        }

        EncodedRecord rows = OperationRollup.of(stored).next();

        assertThat(rows(rows)).containsExactlyInAnyOrderElementsOf(expected(spans));
        assertThat(rows.rowIds()).isEqualTo(expected(spans).size()).isLessThanOrEqualTo(spans.size());
        assertThat(rows.units()).isZero();
    }

    @Test
    void nothingStoredIsNoRow() {
        assertThat(OperationRollup.of(List.of())).isExhausted();
    }

    /** Of a million spans with a minute each no memory holds all rows at once. */
    @Test
    void rowsComeInPartsAsSoonAsThereAreMany() {
        SpanMeasures.Builder measures = new SpanMeasures.Builder();
        for (int i = 0; i < 25; i++) {
            measures.add(1, 2, 3, 2, false, 1 + (i / 2) * MINUTE, 2 + (i / 2) * MINUTE, "");
        }
        EncodedRecord record = record(measures.build());
        List<RecordPart> stored =
                List.of(new RecordPart(record, new UnitRange(0, 12)), new RecordPart(record, new UnitRange(12, 25)));

        List<Integer> parts = new ArrayList<>();
        List<Object> windows = new ArrayList<>();
        new OperationRollup(stored.iterator(), 5).forEachRemaining(part -> {
            parts.add(part.rowIds());
            rows(part).forEach(row -> windows.add(row.get("window_start")));
        });

        assertThat(parts).containsExactly(5, 5, 5);
        // The second span of a minute begins another part where the first ended one.
        assertThat(windows).hasSize(15).contains(0L, 12 * POSTGRES_MINUTE);
    }

    @Test
    void aSumOutgrowsALong() {
        SpanMeasures.Builder measures = new SpanMeasures.Builder();
        for (int i = 0; i < 100; i++) {
            measures.add(1, 2, 3, 2, true, 1, Long.MAX_VALUE, "");
        }

        EncodedRecord rows = OperationRollup.of(
                        List.of(new RecordPart(record(measures.build()), new UnitRange(0, 100))))
                .next();

        assertThat(rows(rows).get(0))
                .containsEntry(
                        "duration_sum_ns",
                        BigInteger.valueOf(Long.MAX_VALUE - 1).multiply(BigInteger.valueOf(100)));
    }

    private static Span randomSpan(Random random) {
        int operation = random.nextInt(1 + random.nextInt(200));
        long start = switch (random.nextInt(12)) {
            case 0 -> 0;
            case 1 -> 1 + random.nextInt(1_000_000);
            case 2 -> random.nextLong();
            default -> 1_700_000_000_000_000_000L + (long) (random.nextDouble() * 5 * MINUTE);
        };
        long end = switch (random.nextInt(8)) {
            case 0 -> 0;
            case 1 -> start - random.nextInt(1_000);
            case 2 -> start;
            case 3 -> random.nextLong();
            default -> start + (long) Math.exp(random.nextDouble() * 30);
        };
        return new Span(
                operation * 0x1234567890abcdL,
                operation % 7,
                random.nextInt(1 + random.nextInt(300)),
                operation % 6,
                random.nextInt(10) == 0,
                start,
                end,
                random.nextInt(5) == 0 ? "ot=th:c" : random.nextInt(5) == 0 ? "vendor=1" : "");
    }

    private static List<Map<String, Object>> expected(List<Span> spans) {
        Map<List<Object>, List<Span>> groups = new LinkedHashMap<>();
        for (Span span : spans) {
            List<Object> key = new ArrayList<>();
            key.add(span.operation);
            key.add(span.window());
            groups.computeIfAbsent(key, k -> new ArrayList<>()).add(span);
        }
        return groups.values().stream().map(OperationRollupTest::expectedRow).toList();
    }

    private static Map<String, Object> expectedRow(List<Span> spans) {
        Map<String, Object> row = new LinkedHashMap<>();
        Span any = spans.get(0);
        TreeMap<Integer, Long> bins = new TreeMap<>();
        spans.stream()
                .filter(span -> span.duration() > 0)
                .forEach(span -> bins.merge(DurationBins.of(span.duration()), 1L, Long::sum));
        row.put("window_start", any.window());
        row.put("operation_id", any.operation);
        row.put("service_id", any.service);
        row.put("span_kind", any.kind);
        row.put("span_count", (long) spans.size());
        row.put("error_count", spans.stream().filter(Span::isError).count());
        row.put("invalid_duration_count", spans.stream().filter(Span::isInvalid).count());
        row.put(
                "adjusted_count",
                spans.stream()
                        .mapToDouble(span -> span.state.startsWith("ot") ? 4 : 1)
                        .sum());
        row.put("duration_sum_ns", sum(spans));
        row.put(
                "error_duration_sum_ns",
                sum(spans.stream().filter(Span::isError).toList()));
        row.put(
                "duration_min_ns",
                spans.stream().mapToLong(Span::duration).min().getAsLong());
        row.put(
                "duration_max_ns",
                spans.stream().mapToLong(Span::duration).max().getAsLong());
        row.put(
                "sketch_zero_count",
                spans.stream().filter(span -> span.duration() == 0).count());
        row.put("sketch_bins", List.copyOf(bins.keySet()));
        row.put("sketch_counts", List.copyOf(bins.values()));
        row.put(
                "resource_ids",
                List.copyOf(new TreeSet<>(spans.stream().map(Span::resource).toList())));
        return row;
    }

    private static BigInteger sum(List<Span> spans) {
        return spans.stream().map(span -> BigInteger.valueOf(span.duration())).reduce(BigInteger.ZERO, BigInteger::add);
    }

    private static EncodedRecord record(SpanMeasures measures) {
        return new EncodedRecord(List.of(), 0, new int[0], measures, List.of(), 0, 0, 0, 0);
    }

    private static List<Map<String, Object>> rows(EncodedRecord encoded) {
        List<CopyChunk> chunks = encoded.chunks();
        CopyTuples.stampRelative(chunks, encoded.rowIds());
        List<Map<String, Object>> rows = CopyTuples.read(Table.OPERATION_ROLLUP_PARTIAL, chunks);
        rows.forEach(row -> row.remove("id"));
        return rows;
    }
}
