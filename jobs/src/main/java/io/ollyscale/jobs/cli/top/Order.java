package io.ollyscale.jobs.cli.top;

import java.util.Comparator;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Which rows come first. */
public enum Order {
    RATE(Activity::measured),
    ERRORS(Activity::errors),
    P95(activity -> activity.durations().quantile(0.95));

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
