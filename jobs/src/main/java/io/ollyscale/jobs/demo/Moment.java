package io.ollyscale.jobs.demo;

import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.List;

/**
 * Something that an operation notes while it runs: a span's event.
 *
 * @param at when, as a part of the duration
 * @param chance that it happens
 */
record Moment(String name, double at, double chance, List<KeyValue> attributes) {

    static Moment of(String name, double at, double chance, KeyValue... attributes) {
        return new Moment(name, at, chance, List.of(attributes));
    }

    boolean happensIn(Step step) {
        return chance == 1 || Dice.unit(step.random(name.hashCode())) < chance;
    }

    Span.Event event(Step step) {
        return Span.Event.newBuilder()
                .setName(name)
                .setTimeUnixNano(step.start() + (long) (at * (step.end() - step.start())))
                .addAllAttributes(attributes)
                .build();
    }
}
