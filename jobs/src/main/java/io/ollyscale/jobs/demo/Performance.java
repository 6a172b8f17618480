package io.ollyscale.jobs.demo;

import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import java.util.List;

/** Performs the operations of one story: who does each, how long it takes, and what goes wrong. Not thread-safe. */
final class Performance {
    private static final Latency QUEUE = Latency.millis(30, 0.8);
    private static final long PAUSE_BEFORE_RETRY_NANOS = 20_000_000;
    private static final double REGRESSION = 3;

    private final Fleet fleet;
    private final Dice dice;
    private final Story story;
    private final boolean incident;

    /** @param incident whether the payment provider is in trouble */
    Performance(Fleet fleet, Dice dice, Story story, boolean incident) {
        this.fleet = fleet;
        this.dice = dice;
        this.story = story;
        this.incident = incident;
    }

    /** Adds the steps of an operation and of all that it calls to the story; the first one starts at 0. */
    void perform(Operation root) {
        perform(root, null, 0, 0, 0);
    }

    private Step perform(Operation operation, Step parent, int repetition, int attempt, long start) {
        Step step = new Step(
                story, operation, instance(operation.service(), parent), parent, repetition, attempt, start, dice);
        long own = ownNanos(step);
        Fault fault = fault(step);
        if (fault != null) {
            step.fail(fault);
            step.finish(start + (fault.lastsNanos() > 0 ? fault.lastsNanos() + own / 100 : own));
        } else {
            step.finish(afterCalls(step, own));
        }
        story.add(step);
        if (!step.isFailed()) {
            for (Operation consumer : operation.consumers()) {
                perform(consumer, step, 0, 0, step.end() + QUEUE.draw(dice));
            }
        }
        return step;
    }

    /** Divides the operation's own work evenly between its calls. */
    private long afterCalls(Step step, long own) {
        List<Call> calls = step.operation().calls();
        long portion = own / (calls.size() + 1);
        long left = own - portion;
        long now = step.start() + portion;
        long callStart = now;
        for (Call call : calls) {
            if (call.chance() < 1 && !dice.chance(call.chance())) {
                continue;
            }
            if (call.alongside()) {
                now = Math.max(now, call(step, call, callStart));
            } else {
                callStart = now;
                now = call(step, call, callStart) + portion;
                left -= portion;
            }
            if (step.isFailed()) {
                break;
            }
        }
        return now + left;
    }

    /** @return when it is over */
    private long call(Step caller, Call call, long start) {
        int times = call.repeated() ? story.request().repetitions() : 1;
        long now = start;
        for (int i = 0; i < times && !caller.isFailed(); i++) {
            Step step = perform(call.operation(), caller, i, 0, now);
            for (int attempt = 1; attempt <= call.retries() && mayPass(step); attempt++) {
                step = perform(call.operation(), caller, i, attempt, step.end() + attempt * PAUSE_BEFORE_RETRY_NANOS);
            }
            now = step.end();
            if (step.isFailed() && !call.tolerated()) {
                caller.failBecauseOf(step);
            }
        }
        return now;
    }

    private static boolean mayPass(Step step) {
        return step.isFailed() && step.fault().kind().isPassing();
    }

    private Instance instance(Service service, Step parent) {
        return parent != null && parent.instance().service() == service
                ? parent.instance()
                : fleet.draw(service, story.request().environment(), dice);
    }

    private long ownNanos(Step step) {
        long nanos = step.operation().latency().draw(dice);
        if (isInTrouble()) {
            nanos = (long) (nanos * step.operation().slowdownInIncident());
        }
        if (step.instance().release().regressed() && step.operation().kind() == SpanKind.SPAN_KIND_SERVER) {
            nanos = (long) (nanos * REGRESSION);
        }
        return nanos;
    }

    private Fault fault(Step step) {
        for (Fault fault : step.operation().faults()) {
            if (applies(fault, step) && dice.chance(fault.chance())) {
                return fault;
            }
        }
        return null;
    }

    private boolean applies(Fault fault, Step step) {
        return switch (fault.when()) {
            case ALWAYS -> true;
            case IN_INCIDENT -> isInTrouble();
            case IN_REGRESSED_RELEASE -> step.instance().release().regressed();
        };
    }

    /** Staging pays with the provider's sandbox. */
    private boolean isInTrouble() {
        return incident && story.request().environment() == Environment.PRODUCTION;
    }
}
