package io.ollyscale.jobs.demo;

import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import io.opentelemetry.proto.logs.v1.LogRecord;
import java.util.List;

/** Steps in which something of a name happens that somebody wants to count: log records that are events. */
final class StepEvents {
    private static final Scope PAGE_LOAD = Service.STOREFRONT.scope(Technology.PAGE_LOAD);
    private static final double LARGEST_PAINT = 0.7;
    private static final double GOOD_PAINT_MILLIS = 250;

    private static final List<KeyValue> FLAG = List.of(
            Attribute.text("feature_flag.key", "recommendation-model"),
            Attribute.text("feature_flag.provider.name", "flagd"),
            Attribute.text("feature_flag.result.variant", "v2"),
            Attribute.text("feature_flag.result.reason", "targeting_match"));

    private StepEvents() {}

    /** Null where nothing happens. */
    static LogRecord.Builder of(Step step) {
        Operation operation = step.operation();
        if (operation.scope() == PAGE_LOAD) {
            return largestPaint(step);
        }
        if (step.isFailed()) {
            return null;
        }
        if (operation == Ordering.PLACE_ORDER) {
            return orderPlaced(step);
        }
        return operation == Discovery.RECOMMEND ? flagEvaluated(step) : null;
    }

    /** With a structured body, as browsers' SDKs had it first. */
    private static LogRecord.Builder largestPaint(Step step) {
        double millis = LARGEST_PAINT * step.nanos() / 1e6;
        LogRecord.Builder event = LogStyle.EVENTS.event(
                "browser.web_vital",
                step.end(),
                List.of(step.request().visitor().session()));
        event.getBodyBuilder()
                .setKvlistValue(KeyValueList.newBuilder()
                        .addValues(Attribute.text("name", "lcp"))
                        .addValues(Attribute.decimal("value", millis))
                        .addValues(
                                Attribute.text("rating", millis < GOOD_PAINT_MILLIS ? "good" : "needs-improvement")));
        return event;
    }

    private static LogRecord.Builder orderPlaced(Step step) {
        Order order = step.request().order();
        Visitor visitor = step.request().visitor();
        return LogStyle.SLOG.event(
                "shop.order.placed",
                step.end(),
                List.of(order.id(), order.amount(), order.items(), order.skus(), visitor.customer(), visitor.tier()));
    }

    private static LogRecord.Builder flagEvaluated(Step step) {
        return LogStyle.PYTHON.event("feature_flag.evaluation", step.start(), FLAG);
    }
}
