package io.ollyscale.jobs.cli.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.testing.MetricRecords;
import io.ollyscale.schema.testing.NumberedRecords;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.Summary;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class UnitCountTest {

    @ParameterizedTest
    @EnumSource
    void countsUnitsOfEachKind(Signal signal) throws IOException {
        assertThat(UnitCount.of(bytes(signal, 1_234), signal)).isEqualTo(1_234);
        assertThat(UnitCount.of(new byte[0], signal)).isZero();
    }

    @Test
    void countsPointsAndNotMetrics() throws IOException {
        byte[] record = MetricRecords.of(
                        Metric.newBuilder().setName("none"),
                        Metric.newBuilder().setGauge(Gauge.getDefaultInstance()),
                        Metric.newBuilder()
                                .setSummary(Summary.newBuilder()
                                        .addDataPoints(SummaryDataPoint.getDefaultInstance())
                                        .addDataPoints(SummaryDataPoint.getDefaultInstance())))
                .toByteArray();

        assertThat(UnitCount.of(record, Signal.METRICS)).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource
    void refusesWhatIsCutOff(Signal signal) {
        byte[] record = bytes(signal, 10);

        assertThatIOException().isThrownBy(() -> UnitCount.of(Arrays.copyOf(record, record.length - 1), signal));
    }

    private static byte[] bytes(Signal signal, int count) {
        return NumberedRecords.bytes(signal, RecordEncoding.OTLP_PROTO, 0, count);
    }
}
