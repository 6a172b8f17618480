package io.ollyscale.jobs.demo;

import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.ArrayList;
import java.util.List;

/**
 * Something that a service does, as a template of spans.
 *
 * @param prototype what all of its spans have
 * @param latency of its own work, without what it calls; of a client, of the way there and back
 * @param slowdownInIncident factor of the latency
 * @param calls in their order
 * @param consumers what is done later, elsewhere, because of it
 * @param faults what may go wrong in it by itself, before it calls anything
 * @param httpStatus of the answer when nothing goes wrong; 0 if it isn't HTTP
 */
record Operation(
        Service service,
        Protocol protocol,
        Scope scope,
        Span prototype,
        Latency latency,
        double slowdownInIncident,
        List<Detail> details,
        List<Moment> moments,
        List<Call> calls,
        List<Operation> consumers,
        List<Fault> faults,
        int httpStatus) {

    Span.SpanKind kind() {
        return prototype.getKind();
    }

    /** Puts one together; see {@link Operations} for how it begins. */
    static final class Builder {
        private final Service service;
        private final Protocol protocol;
        private final Scope scope;
        private final Span.Builder prototype = Span.newBuilder();
        private final List<Detail> details = new ArrayList<>();
        private final List<Moment> moments = new ArrayList<>();
        private final List<Call> calls = new ArrayList<>();
        private final List<Operation> consumers = new ArrayList<>();
        private final List<Fault> faults = new ArrayList<>();
        private Latency latency = Latency.millis(0.5, 0.4);
        private double slowdownInIncident = 1;
        private int httpStatus = 200;

        Builder(Service service, Protocol protocol, Technology technology, Span.SpanKind kind, String name) {
            this.service = service;
            this.protocol = protocol;
            this.scope = service.scope(technology);
            prototype.setKind(kind).setName(name);
        }

        /** Attributes that are always the same. */
        Builder with(KeyValue... attributes) {
            prototype.addAllAttributes(List.of(attributes));
            return this;
        }

        Builder with(Detail... more) {
            details.addAll(List.of(more));
            return this;
        }

        Builder notes(Moment... more) {
            moments.addAll(List.of(more));
            return this;
        }

        Builder takesMillis(double median, double sigma) {
            latency = Latency.millis(median, sigma);
            return this;
        }

        Builder slowerInIncident(double factor) {
            slowdownInIncident = factor;
            return this;
        }

        Builder calls(Operation operation) {
            return calls(Call.to(operation));
        }

        Builder calls(Call call) {
            calls.add(call);
            return this;
        }

        Builder consumedBy(Operation consumer) {
            consumers.add(consumer);
            return this;
        }

        Builder fails(Fault fault) {
            faults.add(fault);
            return this;
        }

        Builder answers(int status) {
            httpStatus = status;
            return this;
        }

        Operation build() {
            if (service.sdk().saysThread()) {
                details.add(Operations.THREAD);
            }
            return new Operation(
                    service,
                    protocol,
                    scope,
                    prototype.build(),
                    latency,
                    slowdownInIncident,
                    List.copyOf(details),
                    List.copyOf(moments),
                    List.copyOf(calls),
                    List.copyOf(consumers),
                    List.copyOf(faults),
                    httpStatus);
        }
    }
}
