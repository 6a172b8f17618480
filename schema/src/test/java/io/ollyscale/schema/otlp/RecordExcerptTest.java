package io.ollyscale.schema.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.ollyscale.schema.json.OtlpJson;
import io.ollyscale.schema.testing.BadRecord;
import io.ollyscale.schema.testing.NumberedRecords;
import io.ollyscale.schema.testing.RandomOtlp;
import io.ollyscale.schema.testing.RecordSet;
import io.ollyscale.schema.testing.TraceRecords;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecordExcerptTest {

    @ParameterizedTest(name = "parts of {0}")
    @ValueSource(ints = {1, 7, 25, 110, 260})
    void theUnionOfAllPartsIsTheRecord(int size) throws Exception {
        TracesData record = TraceRecords.numbered(90, 260).toBuilder()
                .mergeFrom(TraceRecords.allFields())
                .addResourceSpans(1, ResourceSpans.newBuilder().addScopeSpans(ScopeSpans.newBuilder()))
                .build();
        List<UnitRange> parts = new ArrayList<>();
        for (int from = 0; from < 262; from += size) {
            parts.add(new UnitRange(from, Math.min(from + size, 262)));
        }

        List<Placed> union = new ArrayList<>();
        List<byte[]> excerpts = RecordExcerpt.of(Signal.TRACES, RecordEncoding.OTLP_PROTO, record.toByteArray(), parts)
                .toList();
        for (int i = 0; i < parts.size(); i++) {
            List<Placed> spans = spans(TracesData.parseFrom(excerpts.get(i)));
            assertThat(spans).hasSize(parts.get(i).size());
            union.addAll(spans);
        }

        assertThat(union).isEqualTo(spans(record));
    }

    @Test
    void aPartHasOnlyTheEnvelopesOfItsSpans() throws Exception {
        byte[] record = TraceRecords.bytes(0, 300);

        List<byte[]> excerpt = RecordExcerpt.of(
                        Signal.TRACES, RecordEncoding.OTLP_PROTO, record, List.of(new UnitRange(120, 130)))
                .toList();

        TracesData part = TracesData.parseFrom(excerpt.get(0));
        assertThat(part.getResourceSpansList()).hasSize(1);
        assertThat(part.getResourceSpans(0).getScopeSpansList()).hasSize(2);
        assertThat(part.getResourceSpans(0).getScopeSpans(0).getSpans(0))
                .isEqualTo(TraceRecords.span(120).build());
        assertThat(excerpt).hasSize(1);
    }

    /** Parts of all sizes, with gaps between them, of random records in both encodings. */
    @ParameterizedTest
    @EnumSource
    void thePartsOfEverySignalAreWhatWasAskedFor(Signal signal) throws Exception {
        for (int seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            Message record = RandomOtlp.forJson(seed, signal).record(30);
            List<UnitRange> parts = new ArrayList<>();
            for (int from = random.nextInt(5);
                    from < 30;
                    from = parts.get(parts.size() - 1).to() + random.nextInt(4)) {
                parts.add(new UnitRange(from, Math.min(30, from + 1 + random.nextInt(6))));
            }
            List<UnitRange> rest = new ArrayList<>();
            int end = 0;
            for (UnitRange part : parts) {
                if (part.from() > end) {
                    rest.add(new UnitRange(end, part.from()));
                }
                end = part.to();
            }
            if (end < 30) {
                rest.add(new UnitRange(end, 30));
            }
            for (RecordEncoding encoding : RecordEncoding.values()) {
                RecordSet both = new RecordSet();
                for (List<UnitRange> wanted : List.of(parts, rest)) {
                    List<byte[]> excerpts = RecordExcerpt.of(
                                    signal, encoding, NumberedRecords.encoded(record, encoding), wanted)
                            .toList();
                    assertThat(excerpts).hasSameSizeAs(wanted);
                    for (int i = 0; i < excerpts.size(); i++) {
                        Message excerpt = encoding == RecordEncoding.OTLP_PROTO
                                ? signal.message().getParserForType().parseFrom(excerpts.get(i))
                                : new OtlpJson(1_000)
                                        .parse(excerpts.get(i), signal.message())
                                        .message();
                        assertThat(RecordSet.of(excerpt).size())
                                .isEqualTo(wanted.get(i).size());
                        both.add(excerpt);
                    }
                }
                assertThat(RecordSet.of(record).difference(both)).isEmpty();
            }
        }
    }

    @Test
    void takesWhatTheEncoderTakes() {
        byte[] nested = BadRecord.nested(DecodingLimits.DEFAULT.nesting(), 6, 1, 2);

        assertThat(RecordExcerpt.of(Signal.TRACES, RecordEncoding.OTLP_PROTO, nested, List.of(new UnitRange(0, 1))))
                .containsExactly(nested);
    }

    private static List<Placed> spans(TracesData record) {
        List<Placed> spans = new ArrayList<>();
        for (ResourceSpans resourceSpans : record.getResourceSpansList()) {
            for (ScopeSpans scopeSpans : resourceSpans.getScopeSpansList()) {
                for (Span span : scopeSpans.getSpansList()) {
                    spans.add(new Placed(
                            resourceSpans.toBuilder().clearScopeSpans().build(),
                            scopeSpans.toBuilder().clearSpans().build(),
                            span));
                }
            }
        }
        return spans;
    }

    /** A span with its envelopes' own fields. */
    private record Placed(ResourceSpans resource, ScopeSpans scope, Span span) {}
}
