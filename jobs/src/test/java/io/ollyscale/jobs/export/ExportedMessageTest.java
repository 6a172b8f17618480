package io.ollyscale.jobs.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.ollyscale.schema.otlp.Signal;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.MetricsData;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.Sum;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.TracesData;
import org.junit.jupiter.api.Test;

class ExportedMessageTest {
    private static final Resource RESOURCE =
            Resource.newBuilder().setDroppedAttributesCount(1).build();
    private static final InstrumentationScope SCOPE =
            InstrumentationScope.newBuilder().setName("scope").build();
    private static final Envelope ABSENT = new Envelope(1L, null, "url of none");
    private static final Envelope RESOURCE_2 = new Envelope(2L, RESOURCE, "");
    private static final Envelope SCOPE_3 = new Envelope(3L, SCOPE, "url");

    @Test
    void groupsUnitsInTheOrderOfTheirFirst() {
        ExportedMessage message = new ExportedMessage(Signal.TRACES);
        message.add(new Unit(span("a"), RESOURCE_2, SCOPE_3, null));
        message.add(new Unit(span("b"), ABSENT, SCOPE_3, null));
        message.add(new Unit(span("c"), RESOURCE_2, ABSENT, null));
        message.add(new Unit(span("d"), RESOURCE_2, SCOPE_3, null));

        ScopeSpans.Builder scope = ScopeSpans.newBuilder().setScope(SCOPE).setSchemaUrl("url");
        assertThat(message.build())
                .isEqualTo(TracesData.newBuilder()
                        .addResourceSpans(ResourceSpans.newBuilder()
                                .setResource(RESOURCE)
                                .addScopeSpans(scope.clone().addSpans(span("a")).addSpans(span("d")))
                                .addScopeSpans(ScopeSpans.newBuilder()
                                        .setSchemaUrl("url of none")
                                        .addSpans(span("c"))))
                        .addResourceSpans(ResourceSpans.newBuilder()
                                .setSchemaUrl("url of none")
                                .addScopeSpans(scope.addSpans(span("b"))))
                        .build());
        assertThat(message.units()).isEqualTo(4);
    }

    @Test
    void putsPointsIntoTheirMetric() {
        Metric sum = Metric.newBuilder()
                .setName("sum")
                .setSum(Sum.newBuilder().setIsMonotonic(true))
                .build();
        NumberDataPoint point = NumberDataPoint.newBuilder().setAsInt(0).build();
        ExportedMessage message = new ExportedMessage(Signal.METRICS);
        message.add(new Unit(point, RESOURCE_2, SCOPE_3, new Envelope(1L, sum, "")));
        message.add(new Unit(point, RESOURCE_2, SCOPE_3, new Envelope(2L, sum, "")));
        message.add(new Unit(point, RESOURCE_2, SCOPE_3, new Envelope(1L, sum, "")));

        MetricsData data = (MetricsData) message.build();
        assertThat(data.getResourceMetrics(0).getScopeMetrics(0).getMetricsList())
                .extracting(metric -> metric.getSum().getDataPointsCount())
                .containsExactly(2, 1);
        assertThat(data.getResourceMetrics(0).getScopeMetrics(0).getMetrics(0))
                .isEqualTo(sum.toBuilder()
                        .setSum(sum.getSum().toBuilder().addDataPoints(point).addDataPoints(point))
                        .build());
    }

    @Test
    void staysBelowWhatATopicTakes() {
        ExportedMessage many = new ExportedMessage(Signal.TRACES);
        Unit small = new Unit(span("a"), RESOURCE_2, SCOPE_3, null);
        while (many.hasRoomFor(small)) {
            many.add(small);
        }
        assertThat(many.units()).isEqualTo(1_000);

        ExportedMessage few = new ExportedMessage(Signal.TRACES);
        Unit large = new Unit(span("a".repeat(100_000)), RESOURCE_2, SCOPE_3, null);
        while (few.hasRoomFor(large)) {
            few.add(large);
        }
        assertThat(few.build().getSerializedSize()).isBetween(400_000, 600_000);

        // What is larger goes alone.
        Unit huge = new Unit(span("a".repeat(10_000_000)), RESOURCE_2, SCOPE_3, null);
        assertThat(few.hasRoomFor(huge)).isFalse();
        assertThat(new ExportedMessage(Signal.TRACES).hasRoomFor(huge)).isTrue();
    }

    private static Span span(String name) {
        return Span.newBuilder().setName(name).build();
    }
}
