package io.ollyscale.jobs.cli.top;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Snapshots for the tests of how they are shown: of ten seconds, with 1,000 requests of 2 ms to a shop's cart. */
public final class Snapshots {

    public static final Instant UNTIL = Instant.parse("2026-11-20T14:00:10.500Z");

    private Snapshots() {}

    public static Snapshot of(Activity... activities) {
        return new Snapshot(
                UNTIL.minusSeconds(10), UNTIL, UNTIL.minusSeconds(1), List.of(activities), true, Duration.ofMillis(5));
    }

    public static Snapshot ofNothing(Instant newest) {
        return new Snapshot(UNTIL.minusSeconds(10), UNTIL, newest, List.of(), true, Duration.ofMillis(5));
    }

    public static Activity cart() {
        Activity cart = activity(new Subject("cart", "shop", "production", null, null, null));
        cart.requests(lasting(2_000_000, 1_000, 15));
        cart.all(lasting(4_000_000, 1_500, 315));
        cart.instances(3);
        cart.addVersion("1.1");
        cart.addVersion("1.0");
        return cart;
    }

    /** Without requests, without an environment. */
    public static Activity browser() {
        Activity browser = activity(new Subject("browser", null, null, null, null, null));
        browser.requests(Measures.NONE);
        browser.all(lasting(120_000_000, 20_000, 0));
        return browser;
    }

    public static Activity unknown() {
        Activity unknown = activity(new Subject(null, null, null, 0x1234L, null, null));
        unknown.requests(new Measures(1, 1, null, null, null, null));
        unknown.all(new Measures(1, 1, null, null, null, null));
        return unknown;
    }

    public static Activity operation(String name) {
        Activity operation = activity(new Subject("cart", "shop", "production", null, name, "SERVER"));
        operation.all(lasting(2_000_000, 10, 0));
        return operation;
    }

    private static Activity activity(Subject subject) {
        Activity activity = new Activity(subject);
        activity.seen(UNTIL.minusSeconds(1));
        return activity;
    }

    private static Measures lasting(double nanos, long spans, long errors) {
        return new Measures(spans, errors, nanos, nanos, nanos, nanos);
    }
}
