package io.ollyscale.jobs.demo;

import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.List;
import java.util.function.Function;

/** Attributes of a step that its operation doesn't say alone. Depends on the step and on nothing else. */
@FunctionalInterface
interface Detail {

    void addTo(List<KeyValue> attributes, Step step);

    /** What the request says. */
    static Detail of(Function<Request, KeyValue> attribute) {
        return (attributes, step) -> attributes.add(attribute.apply(step.request()));
    }

    /** One of some attributes of the same key, at random. */
    static Detail oneOf(KeyValue... choice) {
        long salt = choice[0].getKey().hashCode();
        return (attributes, step) -> attributes.add(choice[Dice.scaled(step.random(salt), choice.length)]);
    }

    /** An integer from 0 to below the bound, low ones much more often. */
    static Detail count(String key, int bound) {
        long salt = key.hashCode();
        return (attributes, step) -> {
            double part = Dice.unit(step.random(salt));
            attributes.add(Attribute.integer(key, (long) (bound * part * part * part)));
        };
    }

    /** A number from 0 to below 1, to three digits. */
    static Detail score(String key) {
        long salt = key.hashCode();
        return (attributes, step) ->
                attributes.add(Attribute.decimal(key, Dice.scaled(step.random(salt), 1_000) / 1_000.0));
    }

    static Detail flag(String key, double probability) {
        long salt = key.hashCode();
        KeyValue yes = Attribute.flag(key, true);
        KeyValue no = Attribute.flag(key, false);
        return (attributes, step) -> attributes.add(Dice.unit(step.random(salt)) < probability ? yes : no);
    }
}
