package io.ollyscale.jobs.cli.top;

import java.util.Comparator;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Which rows come first. */
public enum Order {
    RATE(activity -> activity.measured().spans()),
    ERRORS(activity -> activity.measured().errors()),
    P95(activity -> activity.measured().p95() == null ? -1 : activity.measured().p95());

    private final Comparator<Activity> comparator;

    Order(ToDoubleFunction<Activity> measure) {
        // Rows that are equal don't change places with each refresh.
        comparator = Comparator.comparingDouble(measure)
                .reversed()
                .thenComparing(Comparator.comparingLong(Activity::spans).reversed())
                .thenComparing(Activity::subject);
    }

    public Comparator<Activity> comparator() {
        return comparator;
    }

    /** As people write it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
