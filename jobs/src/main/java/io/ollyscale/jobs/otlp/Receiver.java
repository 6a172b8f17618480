package io.ollyscale.jobs.otlp;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A request's way: it is received, decoded, published, and answered when Kafka has it. Safe for several threads. */
final class Receiver {
    private final InFlight inFlight;
    private final RequestBytes bytes;
    private final KafkaPublisher publisher;

    Receiver(OtlpLimits limits, KafkaPublisher publisher) {
        this.inFlight = new InFlight(limits);
        this.bytes = new RequestBytes(limits.requestBytes());
        this.publisher = publisher;
    }

    /** Makes an export of a request's body. Memory that it takes is reserved in the place. */
    @FunctionalInterface
    interface Decoder {
        ExportRequest decode(RequestBytes bytes, byte[] body, InFlight.Place place);
    }

    /**
     * Begins to receive; whatever blocks is done by another thread. What goes wrong is answered by {@link Refusals}.
     *
     * @param frame bytes that the protocol adds to a message
     * @throws RefusedRequestException if there are too many requests already
     */
    HttpResponse receive(
            ServiceRequestContext context,
            HttpRequest request,
            String topic,
            Answers answers,
            int frame,
            Decoder decoder) {
        InFlight.Place place = inFlight.enter();
        CompletableFuture<HttpResponse> answer = CompletableFuture.supplyAsync(
                        () -> decoder.decode(bytes, body(context, request, frame, place), place),
                        context.blockingTaskExecutor())
                .thenCompose(export -> publish(export, topic, place))
                .thenApply(warning -> answers.success(warning).toHttpResponse());
        answer.whenComplete((response, failure) -> place.close());
        return HttpResponse.of(answer);
    }

    /** Goes on with what is under way, and refuses everything else from now on. */
    void end() {
        inFlight.end();
    }

    private byte[] body(ServiceRequestContext context, HttpRequest request, int frame, InFlight.Place place) {
        try (InputStream in = request.toInputStream(part -> part instanceof HttpData data ? data : HttpData.empty())) {
            byte[] body = bytes.receive(in, frame, place);
            // What takes longer from now on isn't the sender's fault, and has a timeout of its own.
            context.clearRequestTimeout();
            return body;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private CompletableFuture<Optional<String>> publish(ExportRequest export, String topic, InFlight.Place place) {
        if (export.record().length == 0) {
            return CompletableFuture.completedFuture(export.warning());
        }
        CompletableFuture<Void> published = publisher.publish(topic, export.record());
        // Kafka's producer has copied it into its own buffer.
        place.releaseAll();
        Optional<String> warning = export.warning();
        return published.thenApply(nothing -> warning);
    }
}
