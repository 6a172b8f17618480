package io.ollyscale.jobs.otlp;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.SessionProtocol;
import com.linecorp.armeria.common.util.EventLoopGroups;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServerPort;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.netty.channel.EventLoopGroup;
import io.ollyscale.jobs.SignalOptions;
import io.ollyscale.jobs.UserFailure;
import io.ollyscale.schema.otlp.Signal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletionException;

/**
 * An OTLP endpoint on 127.0.0.1 that publishes to Kafka. Each of its two ports takes gRPC and HTTP, so that a sender with
 * the one protocol and the other's port is served too, as the specification allows.
 *
 * <p>An answer is sent when Kafka has the data. Every request is bounded in size, time and memory, and so are all of them
 * together; what is beyond is refused as the specification says, with a hint when to try again where that helps. Nothing is
 * refused in part: a request is one record.
 *
 * <p>Safe for use by several threads.
 */
public final class OtlpEndpoint implements AutoCloseable {

    /** Far more than the processes of a workstation. */
    private static final int MAX_CONNECTIONS = 1_000;

    /** Longer than the pauses of any exporter, whose next request would otherwise meet a connection that closes. */
    private static final Duration IDLE_TIMEOUT = Duration.ofMinutes(5);

    /** They move bytes alone. */
    private static final int EVENT_LOOPS = 2;

    private final Server server;
    private final ServerPort grpc;
    private final ServerPort http;
    private final Receiver receiver;
    private final KafkaPublisher publisher;

    private OtlpEndpoint(Server server, ServerPort grpc, ServerPort http, Receiver receiver, KafkaPublisher publisher) {
        this.server = server;
        this.grpc = grpc;
        this.http = http;
        this.receiver = receiver;
        this.publisher = publisher;
    }

    /**
     * Starts the endpoint; it takes requests when this returns, whether Kafka is there or not.
     *
     * @throws UserFailure if a port is taken
     */
    public static OtlpEndpoint start(OtlpSettings settings) {
        requireFree(settings.grpcPort(), "--otlp-grpc-port");
        requireFree(settings.httpPort(), "--otlp-http-port");
        KafkaPublisher publisher = new KafkaPublisher(settings.bootstrapServers(), settings.limits());
        Receiver receiver = new Receiver(settings.limits(), publisher);
        ServerPort grpc = new ServerPort(loopback(settings.grpcPort()), SessionProtocol.HTTP);
        ServerPort http = new ServerPort(loopback(settings.httpPort()), SessionProtocol.HTTP);
        Server server = server(settings, grpc, http, receiver);
        OtlpEndpoint endpoint = new OtlpEndpoint(server, grpc, http, receiver, publisher);
        try {
            server.start().join();
        } catch (CompletionException e) {
            endpoint.close();
            throw new UserFailure(
                    "The OTLP endpoint doesn't start: " + e.getCause().getMessage(), e);
        }
        return endpoint;
    }

    private static Server server(OtlpSettings settings, ServerPort grpc, ServerPort http, Receiver receiver) {
        OtlpLimits limits = settings.limits();
        EventLoopGroup eventLoops = EventLoopGroups.builder()
                .numThreads(EVENT_LOOPS)
                .gracefulShutdown(Duration.ZERO, Duration.ofSeconds(5))
                .build();
        ServerBuilder builder = Server.builder()
                .port(grpc)
                .port(http)
                .bossGroupFactory(name -> eventLoops)
                .workerGroup(eventLoops, true)
                .blockingTaskExecutor(limits.requestsInFlight())
                .maxNumConnections(MAX_CONNECTIONS)
                .idleTimeout(IDLE_TIMEOUT)
                .requestTimeout(limits.requestTimeout())
                .maxRequestLength(limits.requestBytes() + GrpcRequests.FRAME_BYTES)
                .gracefulShutdownTimeout(
                        Duration.ofMillis(1), limits.requestTimeout().plus(limits.kafkaTimeout()))
                // Refusals logs what isn't the sender's doing.
                .unloggedExceptionsReportInterval(Duration.ZERO)
                .errorHandler(new Refusals())
                .decorator(OtlpEndpoint::unlessOfPage)
                .serviceUnder("/", (context, request) -> {
                    throw new RefusedRequestException(Problem.UNKNOWN_SERVICE, "There is no service at this path");
                });
        Set<Signal> others = EnumSet.allOf(Signal.class);
        for (OtlpService service : settings.services()) {
            others.remove(service.signal());
            builder.service(OtlpService.httpPath(service.signal()), new HttpRequests(service, receiver))
                    .service(OtlpService.grpcPath(service.signal()), new GrpcRequests(service, receiver));
        }
        for (Signal signal : others) {
            HttpService none = (context, request) -> {
                throw new RefusedRequestException(
                        Problem.UNKNOWN_SERVICE,
                        "This endpoint doesn't take " + signal + ": "
                                + SignalOptions.of(signal).enabled().key() + " is false");
            };
            builder.service(OtlpService.httpPath(signal), none).service(OtlpService.grpcPath(signal), none);
        }
        return builder.build();
    }

    /** The port that was asked for, or the free one that was found. */
    public int grpcPort() {
        return grpc.actualPort();
    }

    /** The port that was asked for, or the free one that was found. */
    public int httpPort() {
        return http.actualPort();
    }

    /** Takes no more requests, answers those that are under way, and closes the connections to Kafka. */
    @Override
    public void close() {
        // The server would go on taking requests until it happens to have none.
        receiver.end();
        try {
            server.stop().join();
        } finally {
            publisher.close();
        }
    }

    /**
     * Any page that a browser on this machine shows may send requests here. Browsers say on whose behalf, other senders say
     * nothing.
     */
    private static HttpResponse unlessOfPage(HttpService service, ServiceRequestContext context, HttpRequest request)
            throws Exception {
        if (request.headers().contains("origin")) {
            throw new RefusedRequestException(Problem.FOREIGN_PAGE, "Pages in browsers may not send to this endpoint");
        }
        return service.serve(context, request);
    }

    private static void requireFree(int port, String option) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(loopback(port));
        } catch (IOException e) {
            throw new UserFailure(
                    "Port " + port + " on 127.0.0.1 can't be used for OTLP (" + e.getMessage()
                            + "): stop what listens there, for instance a Collector, or choose another port with "
                            + option
                            + " (0 for a free one)",
                    e);
        }
    }

    private static InetSocketAddress loopback(int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of four bytes is one", e);
        }
    }
}
