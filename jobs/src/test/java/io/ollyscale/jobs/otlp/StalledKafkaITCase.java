package io.ollyscale.jobs.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.RetryInfo;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCalls;
import io.ollyscale.jobs.otlp.Transport.Answer;
import io.ollyscale.local.LocalKafka;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.testing.TraceRecords;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Requests wait for a broker that is gone. */
class StalledKafkaITCase {
    private static final String TOPIC = "spans";
    private static final Duration KAFKA_TIMEOUT = Duration.ofSeconds(4);

    /** The time to receive a request is over long before Kafka's. */
    private static final OtlpLimits TWO_AT_ONCE =
            new OtlpLimits(1 << 20, 1 << 22, 2, KAFKA_TIMEOUT.dividedBy(4), KAFKA_TIMEOUT);

    private LocalKafka kafka;
    private OtlpEndpoint endpoint;

    @BeforeEach
    void start() {
        kafka = LocalKafka.builder().start();
        kafka.createTopic(TOPIC, 1);
        endpoint = OtlpEndpoint.start(new OtlpSettings(
                0,
                0,
                kafka.bootstrapServers(),
                List.of(new OtlpService(Signal.TRACES, TOPIC, RecordEncoding.OTLP_PROTO)),
                TWO_AT_ONCE));
    }

    @AfterEach
    void stop() {
        endpoint.close();
        kafka.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP_1", "GRPC"})
    void refusesTheThirdOfTwoRequestsAndRecovers(Transport transport) throws Exception {
        assertThat(transport.send(endpoint, TraceRecords.bytes(0, 1))).matches(Answer::isSuccess);
        try (LoggedFailures logged = new LoggedFailures()) {
            kafka.stop();
            List<CompletableFuture<Answer>> waiting = Stream.of(1, 2)
                    .map(number -> CompletableFuture.supplyAsync(
                            () -> transport.send(endpoint, TraceRecords.bytes(number, 1))))
                    .toList();
            await().atMost(KAFKA_TIMEOUT.dividedBy(2))
                    .until(() -> transport
                            .send(endpoint, new byte[0])
                            .status()
                            .getMessage()
                            .startsWith("As many requests as allowed are under way"));
            assertThat(waiting).noneMatch(CompletableFuture::isDone);

            for (CompletableFuture<Answer> request : waiting) {
                Answer answer = request.get(2 * KAFKA_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
                assertThat(answer.status().getMessage()).startsWith("Kafka didn't take the request");
                assertThat(saysWhenToTryAgain(answer)).isTrue();
            }
            // Not one line for each request.
            assertThat(logged.take()).hasSize(1);
        }

        kafka.start();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> transport.send(endpoint, TraceRecords.bytes(3, 1)).isSuccess());
        try (TopicRecords records = new TopicRecords(kafka, TOPIC)) {
            assertThat(records.nextValues()).contains(TraceRecords.bytes(0, 1), TraceRecords.bytes(3, 1));
        }
    }

    @Test
    void forgetsSendersThatGiveUp() throws Exception {
        byte[] message = TraceRecords.bytes(0, 1);
        assertThat(Transport.GRPC.send(endpoint, message)).matches(Answer::isSuccess);
        ManagedChannel channel = Transport.channel(endpoint.grpcPort());
        try (LoggedFailures logged = new LoggedFailures()) {
            kafka.stop();
            try (Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), endpoint.httpPort())) {
                socket.getOutputStream()
                        .write(
                                ("POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-protobuf\r\n"
                                                + "content-length: " + message.length + "\r\n\r\n")
                                        .getBytes(StandardCharsets.ISO_8859_1));
                socket.getOutputStream().write(message);
                socket.getOutputStream().flush();
                CallOptions briefly = CallOptions.DEFAULT.withDeadlineAfter(1, TimeUnit.SECONDS);
                assertThatThrownBy(() -> ClientCalls.blockingUnaryCall(
                                channel, Transport.method(OtlpService.grpcPath(Signal.TRACES)), briefly, message))
                        .hasMessageContaining("DEADLINE_EXCEEDED");
                assertThat(hasPlaces()).isFalse();
            }
            await().atMost(KAFKA_TIMEOUT.multipliedBy(2)).until(this::hasPlaces);
            assertThat(logged.take()).hasSize(1);
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void closesWithoutKafka() {
        assertThat(Transport.GRPC.send(endpoint, TraceRecords.bytes(0, 1))).matches(Answer::isSuccess);
        kafka.stop();
        CompletableFuture<Answer> waiting =
                CompletableFuture.supplyAsync(() -> Transport.GRPC.send(endpoint, TraceRecords.bytes(1, 1)));
        await().until(() ->
                Transport.GRPC.send(endpoint, TraceRecords.bytes(2, 1)).is(Problem.UNAVAILABLE));
        long begin = System.nanoTime();

        endpoint.close();

        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(KAFKA_TIMEOUT.multipliedBy(3));
        assertThat(waiting.join()).matches(answer -> answer.is(Problem.UNAVAILABLE));
    }

    /** An empty request waits for nothing, so it is refused for want of a place alone. */
    private boolean hasPlaces() {
        Answer answer = Transport.GRPC.send(endpoint, new byte[0]);
        assertThat(answer.isSuccess() || answer.is(Problem.UNAVAILABLE)).isTrue();
        return answer.isSuccess();
    }

    private static boolean saysWhenToTryAgain(Answer answer) throws InvalidProtocolBufferException {
        return answer.is(Problem.UNAVAILABLE)
                && answer.status().getDetails(0).unpack(RetryInfo.class).hasRetryDelay()
                && (answer.http() == null
                        || answer.http().headers().firstValue("retry-after").isPresent());
    }
}
