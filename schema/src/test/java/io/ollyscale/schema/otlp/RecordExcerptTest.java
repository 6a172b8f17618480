package io.ollyscale.schema.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import io.ollyscale.schema.testing.BadRecord;
import io.ollyscale.schema.testing.TraceRecords;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
        List<byte[]> excerpts = RecordExcerpt.of(Signal.TRACES, RecordEncoding.OTLP_PROTO, record.toByteArray(), parts);
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
                Signal.TRACES,
                RecordEncoding.OTLP_PROTO,
                record,
                List.of(new UnitRange(120, 130), new UnitRange(0, 0)));

        TracesData part = TracesData.parseFrom(excerpt.get(0));
        assertThat(part.getResourceSpansList()).hasSize(1);
        assertThat(part.getResourceSpans(0).getScopeSpansList()).hasSize(2);
        assertThat(part.getResourceSpans(0).getScopeSpans(0).getSpans(0))
                .isEqualTo(TraceRecords.span(120).build());
        assertThat(excerpt.get(1)).isEmpty();
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
