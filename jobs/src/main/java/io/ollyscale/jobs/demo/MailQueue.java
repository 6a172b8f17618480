package io.ollyscale.jobs.demo;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Orders that were sent and that nobody has had a mail about. They are taken in batches of one to three, a while after
 * they were sent: a mail's story ends that late at the earliest, so it begins after they were sent.
 */
final class MailQueue {
    private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(8);
    private static final int[] BATCH_SIZES = {1, 1, 1, 2, 2, 3};

    private final Map<Environment, Deque<SentOrder>> orders = new EnumMap<>(Environment.class);

    void add(SentOrder order) {
        orders.computeIfAbsent(order.request().environment(), environment -> new ArrayDeque<>())
                .add(order);
    }

    /** How many orders wait. */
    int size(Environment environment) {
        Deque<SentOrder> waiting = orders.get(environment);
        return waiting == null ? 0 : waiting.size();
    }

    /** @return a batch of one environment; empty if none is due */
    List<SentOrder> takeDue(long unixNanos) {
        for (Deque<SentOrder> queue : orders.values()) {
            SentOrder first = queue.peek();
            if (first != null) {
                int size = BATCH_SIZES[Dice.scaled(first.random(), BATCH_SIZES.length)];
                if (queue.size() >= size && isDue(queue, size, unixNanos)) {
                    return take(queue, size);
                }
            }
        }
        return List.of();
    }

    private static boolean isDue(Deque<SentOrder> queue, int size, long unixNanos) {
        return queue.stream().limit(size).allMatch(order -> order.at() + WAIT_NANOS <= unixNanos);
    }

    private static List<SentOrder> take(Deque<SentOrder> queue, int size) {
        List<SentOrder> batch = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            batch.add(queue.remove());
        }
        return batch;
    }
}
