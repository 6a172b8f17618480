package io.ollyscale.jobs.demo;

import io.ollyscale.jobs.demo.metrics.Measurement;
import java.util.List;

/** Measurements of steps. */
final class Measurements {

    private Measurements() {}

    /** Made when the step ended, in its span. */
    static Measurement of(Step step, double value) {
        return new Measurement(
                value,
                step.end(),
                step.story().traceId(),
                step.spanId(),
                List.of(step.request().visitor().tier()));
    }
}
