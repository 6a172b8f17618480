package io.ollyscale.jobs.demo;

import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import java.util.List;

/**
 * Tells one story after the other. Each is told from the seed and its own number alone, its times and what an incident does
 * to it aside. Not thread-safe.
 */
final class Storyteller {
    /** Apart from each other and odd, so that no two stories begin with the same dice. */
    private static final long STORY_STEP = 0xd1342543de82ef95L;

    private static final long MAIL_SALT = 7;

    private final long seed;
    private final Fleet fleet;
    private final Incident incident;
    private final MailQueue mails = new MailQueue();
    private final Dice dice;
    private long told;

    Storyteller(long seed, Incident incident) {
        this.seed = Dice.mix(seed);
        this.incident = incident;
        this.dice = new Dice(this.seed);
        this.fleet = new Fleet(dice);
    }

    /** Who may occur in a story. */
    List<Instance> instances() {
        return fleet.instances();
    }

    /** How many orders wait for a mail. */
    int ordersWaiting(Environment environment) {
        return mails.size(environment);
    }

    /** @param endNanos when the last step of it ends, in Unix nanoseconds; never before that of the story before */
    Story next(long endNanos) {
        List<SentOrder> batch = mails.takeDue(endNanos);
        return batch.isEmpty() ? request(endNanos) : mail(batch, endNanos);
    }

    private Story request(long endNanos) {
        long number = told++;
        dice.reseed(Dice.mix(seed + number * STORY_STEP));
        Traffic.Asked asked = Traffic.draw(number, dice);
        Story story = tell(asked.operation(), asked.request(), List.of(), endNanos);
        for (Step step : story.steps()) {
            if (step.operation().kind() == SpanKind.SPAN_KIND_PRODUCER) {
                mails.add(new SentOrder(
                        story.request(), story.traceId(), step.spanId(), step.end(), step.random(MAIL_SALT)));
            }
        }
        return story;
    }

    private Story mail(List<SentOrder> batch, long endNanos) {
        SentOrder first = batch.get(0);
        dice.reseed(first.random());
        Request request = first.request();
        return tell(
                Fulfilment.MAIL,
                new Request(
                        request.environment(),
                        "",
                        request.visitor(),
                        request.product(),
                        request.order(),
                        request.queuePosition(),
                        batch.size()),
                batch,
                endNanos);
    }

    private Story tell(Operation operation, Request request, List<SentOrder> links, long endNanos) {
        Story story = new Story(request, links, dice);
        new Performance(fleet, dice, story, incident.isOn(endNanos)).perform(operation);
        story.endAt(endNanos);
        return story;
    }
}
