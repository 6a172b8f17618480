package io.ollyscale.jobs.demo;

import io.ollyscale.jobs.demo.metrics.Instrument;
import io.ollyscale.jobs.demo.metrics.Meter;
import io.ollyscale.jobs.demo.metrics.NumberSeries;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;

/** What the checkout counts for the business. */
final class SalesMetrics implements Measured {
    private final Instrument<NumberSeries.Whole> orders;
    private final Instrument<NumberSeries.Decimal> revenue;

    SalesMetrics(AggregationTemporality temporality, Meter meter) {
        orders = meter.add(Instrument.counter(
                "shop.orders.placed", "{order}", "Orders placed.", temporality, NumberSeries.Whole::new));
        revenue = meter.add(Instrument.counter(
                "shop.orders.revenue", "EUR", "What the orders come to.", temporality, NumberSeries.Decimal::new));
    }

    @Override
    public void record(Step step) {
        if (step.operation() == Ordering.PLACE_ORDER && !step.isFailed()) {
            Visitor visitor = step.request().visitor();
            orders.with(visitor.country(), visitor.tier()).add(1);
            revenue.with(visitor.country())
                    .add(step.request().order().amount().getValue().getDoubleValue());
        }
    }
}
