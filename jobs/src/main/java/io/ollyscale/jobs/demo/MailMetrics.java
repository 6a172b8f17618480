package io.ollyscale.jobs.demo;

import io.ollyscale.jobs.demo.metrics.Instrument;
import io.ollyscale.jobs.demo.metrics.Meter;
import io.ollyscale.jobs.demo.metrics.NumberSeries;
import io.ollyscale.jobs.demo.metrics.SummarySeries;

/** What the mailer measures: the queue, and with an old Prometheus client, how long mails take. */
final class MailMetrics implements Measured {
    private final Instrument<NumberSeries.Whole> queue;
    private final SummarySeries mails;

    MailMetrics(Meter meter) {
        queue = meter.add(Instrument.gauge(
                "shop.mail_queue.depth",
                "{order}",
                "Orders that nobody has had a mail about.",
                NumberSeries.Whole::new));
        // There from the start, as a Prometheus client registers it.
        mails = meter.add(Instrument.summary("mail_send_duration_seconds", "How long a mail takes."))
                .with();
    }

    @Override
    public void record(Step step) {
        if (step.operation() == Fulfilment.SEND_MAIL) {
            mails.record(step.nanos() / 1e9);
        }
    }

    @Override
    public void observe(Observation observation) {
        queue.with(Attribute.text("messaging.destination.name", "orders")).set(observation.ordersWaiting());
    }
}
