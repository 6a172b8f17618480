package io.ollyscale.schema.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ollyscale.schema.testing.OtlpValues;
import io.ollyscale.schema.testing.TestPolicy;
import io.ollyscale.schema.testing.TraceRecords;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a record may expand to. */
class LimitsTest {
    private static final DecodingLimits SMALL = new DecodingLimits(128, 32, 2_000, 20, 1 << 20);

    static Stream<Arguments> recordsThatExpand() {
        return Stream.of(
                Arguments.of("empty spans", spans(Collections.nCopies(3_000, Span.getDefaultInstance()))),
                Arguments.of(
                        "empty resources",
                        resources(IntStream.range(0, 3_000)
                                .mapToObj(i -> ResourceSpans.getDefaultInstance())
                                .toList())),
                Arguments.of(
                        "empty links of one span",
                        spans(List.of(Span.newBuilder()
                                .addAllLinks(Collections.nCopies(3_000, Span.Link.getDefaultInstance()))
                                .build()))),
                Arguments.of(
                        "distinct resources",
                        resources(IntStream.range(0, 30)
                                .mapToObj(i -> ResourceSpans.newBuilder()
                                        .setResource(Resource.newBuilder().addAttributes(OtlpValues.attribute("n", i)))
                                        .addScopeSpans(ScopeSpans.newBuilder().addSpans(TraceRecords.bareSpan(i)))
                                        .build())
                                .toList())),
                Arguments.of(
                        "doubles of 309 digits",
                        spans(List.of(TraceRecords.bareSpan(1)
                                .addAttributes(OtlpValues.attribute("doubles", Collections.nCopies(1_500, 1e308 * -1)))
                                .addAttributes(OtlpValues.attribute("more", "x".repeat(700_000)))
                                .build()))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("recordsThatExpand")
    void refusesWhatExpandsBeyondALimit(String name, TracesData record) {
        TracesEncoder encoder = new TracesEncoder(TestPolicy.POLICY, SMALL);
        RefusedRecordException refusal =
                catchThrowableOfType(RefusedRecordException.class, () -> encoder.encode(record.toByteArray()));
        assertThat(refusal).isNotNull();
        assertThat(refusal.reason()).isEqualTo(RefusalReason.TOO_LARGE);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("recordsThatExpand")
    void takesTheSameWithinTheLimits(String name, TracesData record) throws Exception {
        TracesEncoder encoder = new TracesEncoder(TestPolicy.POLICY, DecodingLimits.DEFAULT);
        assertThat(encoder.encode(record.toByteArray())).isNotNull();
    }

    @Test
    void takes100000SpansOfTenAttributes() throws Exception {
        TracesData record = TraceRecords.numbered(0, 100_000);
        assertThat(new TracesEncoder(TestPolicy.POLICY, DecodingLimits.DEFAULT)
                        .encode(record.toByteArray())
                        .units())
                .isEqualTo(100_000);
    }

    private static TracesData spans(List<Span> spans) {
        return resources(List.of(ResourceSpans.newBuilder()
                .addScopeSpans(ScopeSpans.newBuilder().addAllSpans(spans))
                .build()));
    }

    private static TracesData resources(List<ResourceSpans> resources) {
        return TracesData.newBuilder().addAllResourceSpans(resources).build();
    }
}
