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
        cart.add(1_000, 15, lasting(2_000_000, 1_000), true);
        cart.add(500, 300, lasting(9_000_000, 500), false);
        cart.addInstances(3);
        cart.addVersion("1.1");
        cart.addVersion("1.0");
        return cart;
    }

    /** Without requests, without an environment. */
    public static Activity browser() {
        Activity browser = activity(new Subject("browser", null, null, null, null, null));
        browser.add(20_000, 0, lasting(120_000_000, 20_000), false);
        return browser;
    }

    public static Activity unknown() {
        Activity unknown = activity(new Subject(null, null, null, 0x1234L, null, null));
        unknown.add(1, 1, new Durations(), true);
        return unknown;
    }

    public static Activity operation(String name) {
        Activity operation = activity(new Subject("cart", "shop", "production", null, name, "SERVER"));
        operation.add(10, 0, lasting(2_000_000, 10), true);
        return operation;
    }

    private static Activity activity(Subject subject) {
        Activity activity = new Activity(subject);
        activity.seen(UNTIL.minusSeconds(1));
        return activity;
    }

    private static Durations lasting(long nanos, long spans) {
        Durations durations = new Durations();
        durations.add((int) Math.ceil(Math.log(nanos) / Durations.LOG_GROWTH), spans);
        durations.atMost(nanos);
        return durations;
    }
}
