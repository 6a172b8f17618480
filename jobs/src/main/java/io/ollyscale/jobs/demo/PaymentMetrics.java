package io.ollyscale.jobs.demo;

import io.ollyscale.jobs.demo.metrics.Instrument;
import io.ollyscale.jobs.demo.metrics.Meter;
import io.ollyscale.jobs.demo.metrics.NumberSeries;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;

/** What becomes of the payments. */
final class PaymentMetrics implements Measured {
    private static final KeyValue AUTHORIZED = Attribute.text("payment.outcome", "authorized");
    private static final KeyValue REFUSED = Attribute.text("payment.outcome", "refused");
    private static final KeyValue FAILED = Attribute.text("payment.outcome", "failed");

    private final Instrument<NumberSeries.Whole> payments;

    PaymentMetrics(AggregationTemporality temporality, Meter meter) {
        payments = meter.add(Instrument.counter(
                "shop.payments", "{payment}", "Payments asked for.", temporality, NumberSeries.Whole::new));
    }

    @Override
    public void record(Step step) {
        if (step.operation() == Payment.AUTHORIZE) {
            payments.with(outcome(step)).add(1);
        }
    }

    private static KeyValue outcome(Step step) {
        if (!step.isFailed()) {
            return AUTHORIZED;
        }
        return step.fault().kind() == FailureKind.REFUSED ? REFUSED : FAILED;
    }
}
