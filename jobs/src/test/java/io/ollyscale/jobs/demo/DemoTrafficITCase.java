package io.ollyscale.jobs.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.ollyscale.local.LocalKafka;
import io.ollyscale.schema.json.OtlpJson;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.Signal;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DemoTrafficITCase {
    private static final long SEED = 1;
    private static final Duration LONG = Duration.ofMinutes(1);

    /** What a schedule may be late before it is given up, and what a busy machine adds. */
    private static final Duration PRESENT = Duration.ofSeconds(6);

    private static LocalKafka kafka;

    @BeforeAll
    static void start() {
        kafka = LocalKafka.builder().start();
    }

    @AfterAll
    static void stop() {
        kafka.close();
    }

    @Test
    void keepsToItsRate() {
        int rate = 5_000;
        long started = System.nanoTime();
        try (ReadTopic topic = ReadTopic.create(kafka, "rate");
                DemoTraffic traffic = DemoTraffic.start(kafka.bootstrapServers(), traces("rate"), rate, SEED)) {
            topic.awaitSpans(5 * rate);
            double seconds = (System.nanoTime() - started) / 1e9;
            // A machine that is busy makes it late, and then it catches up, for three seconds at most; it is never
            // early.
            assertThat((double) topic.spans().size()).isLessThan(rate * (seconds + 1));
            traffic.check();
        }
    }

    @Test
    void showsSomethingAtOnceAtALowRate() {
        try (ReadTopic topic = ReadTopic.create(kafka, "low");
                DemoTraffic traffic = DemoTraffic.start(kafka.bootstrapServers(), traces("low"), 2, SEED)) {
            topic.awaitSpans(4);
            // One span each: none waits for others.
            assertThat(topic.records()).isEqualTo(topic.spans().size());
            traffic.check();
        }
    }

    @Test
    void sendsSpansThatEndNow() {
        try (ReadTopic topic = ReadTopic.create(kafka, "now");
                DemoTraffic traffic = DemoTraffic.start(kafka.bootstrapServers(), traces("now"), 1_000, SEED)) {
            topic.awaitSpans(3_000);
            assertThat(topic.ages()).allSatisfy(age -> assertThat(age).isBetween(Duration.ZERO, PRESENT));
            traffic.check();
        }
    }

    @Test
    void staysInThePresentWhenTheRateIsBeyondTheMachine() {
        try (ReadTopic topic = ReadTopic.create(kafka, "beyond");
                DemoTraffic traffic = DemoTraffic.start(kafka.bootstrapServers(), traces("beyond"), 1e9, SEED)) {
            // Long enough for it to be late if it didn't give up being punctual.
            topic.awaitTime(PRESENT.plusSeconds(4));
            assertThat(topic.ages()).allSatisfy(age -> assertThat(age).isBetween(Duration.ZERO, PRESENT));
            traffic.check();
        }
    }

    @Test
    void countsWhatItSentAndStopsAtClose() {
        try (ReadTopic topic = ReadTopic.create(kafka, "closed")) {
            DemoTraffic traffic = DemoTraffic.start(kafka.bootstrapServers(), traces("closed"), 20_000, SEED);
            await().atMost(LONG).until(() -> traffic.sent(Signal.TRACES) > 10_000);
            traffic.close();
            long sent = traffic.sent(Signal.TRACES);
            traffic.check();
            topic.awaitSpans((int) sent);
            assertThat(threads()).doesNotContain("ollyscale-demo");
            assertThat(topic.isAtEnd()).isTrue();
            assertThat(topic.spans()).hasSize((int) sent);
            traffic.close();
            assertThat(traffic.sent(Signal.TRACES)).isEqualTo(sent);
            assertThat(ids(topic.spans())).hasSize((int) sent);
        }
    }

    @Test
    void publishesEachSignalToItsTopic() {
        Map<Signal, String> topics =
                Map.of(Signal.TRACES, "all-traces", Signal.LOGS, "all-logs", Signal.METRICS, "all-metrics");
        topics.values().forEach(topic -> kafka.createTopic(topic, 1));
        Map<Signal, DemoTopic> ofProtobuf = new EnumMap<>(Signal.class);
        topics.forEach((signal, topic) -> ofProtobuf.put(signal, new DemoTopic(topic, RecordEncoding.OTLP_PROTO)));
        DemoTraffic traffic = DemoTraffic.start(kafka.bootstrapServers(), ofProtobuf, 2_000, SEED);
        await().atMost(LONG).until(() -> topics.keySet().stream().allMatch(signal -> traffic.sent(signal) > 0));
        traffic.close();
        traffic.check();
        assertThat(ReadTopic.values(kafka, "all-traces").stream().flatMap(record -> DemoSpan.in(record).stream()))
                .hasSize((int) traffic.sent(Signal.TRACES));
        assertThat(ReadTopic.values(kafka, "all-logs").stream().flatMap(record -> DemoLog.in(record).stream()))
                .hasSize((int) traffic.sent(Signal.LOGS));
        assertThat(ReadTopic.values(kafka, "all-metrics").stream().flatMap(record -> DemoMetric.in(record).stream()))
                .isNotEmpty()
                .allSatisfy(metric -> assertThat(metric.name()).isNotEmpty());
    }

    @ParameterizedTest
    @EnumSource
    void publishesJsonWhereTheTopicHasIt(Signal signal) {
        String name = "json-" + signal;
        kafka.createTopic(name, 1);
        Map<Signal, DemoTopic> topics = Map.of(signal, new DemoTopic(name, RecordEncoding.OTLP_JSON));
        DemoTraffic traffic = DemoTraffic.start(kafka.bootstrapServers(), topics, 2_000, SEED);
        await().atMost(LONG).until(() -> traffic.sent(signal) > 200);
        traffic.close();
        traffic.check();
        assertThat(ReadTopic.values(kafka, name)).isNotEmpty().allSatisfy(record -> {
            OtlpJson.Document<Message> document = new OtlpJson(100).parse(record, signal.message());
            assertThat(document.unknownKeys()).isZero();
            assertThat(document.message().getAllFields()).isNotEmpty();
        });
    }

    @Test
    void sendsASignalWithoutTheOthers() {
        kafka.createTopic("alone", 1);
        Map<Signal, DemoTopic> metrics = Map.of(Signal.METRICS, new DemoTopic("alone", RecordEncoding.OTLP_PROTO));
        DemoTraffic traffic = DemoTraffic.start(kafka.bootstrapServers(), metrics, 2_000, SEED);
        await().atMost(LONG).until(() -> traffic.sent(Signal.METRICS) > 200);
        traffic.close();
        traffic.check();
        assertThat(traffic.sent(Signal.TRACES)).isZero();
        assertThat(traffic.sent(Signal.LOGS)).isZero();
        assertThat(ReadTopic.values(kafka, "alone"))
                .isNotEmpty()
                .allSatisfy(record -> assertThat(DemoMetric.in(record)).isNotEmpty());
    }

    @Test
    void losesNothingToABrokerThatIsAwayForAWhile() {
        try (LocalKafka restarted = LocalKafka.builder().start();
                ReadTopic topic = ReadTopic.create(restarted, "away")) {
            DemoTraffic traffic = DemoTraffic.start(restarted.bootstrapServers(), traces("away"), 2_000, SEED);
            await().atMost(LONG).until(() -> traffic.sent(Signal.TRACES) > 1_000);
            restarted.stop();
            long before = traffic.sent(Signal.TRACES);
            restarted.start();
            await().atMost(LONG).until(() -> traffic.sent(Signal.TRACES) > before + 5_000);
            traffic.check();
            traffic.close();
            topic.awaitSpans((int) traffic.sent(Signal.TRACES));
            assertThat(ids(topic.spans())).hasSize((int) traffic.sent(Signal.TRACES));
            // No record is missing between two others.
            DemoSpan.traces(topic.spans())
                    .values()
                    .forEach(trace -> assertThat(trace)
                            .filteredOn(span -> !span.isRoot())
                            .extracting(span -> span.span().getParentSpanId())
                            .isSubsetOf(ids(trace)));
        }
    }

    @Test
    void tellsOfABrokerThatIsGone() {
        try (LocalKafka gone = LocalKafka.builder().start();
                ReadTopic topic = ReadTopic.create(gone, "gone");
                DemoTraffic traffic = DemoTraffic.start(
                        gone.bootstrapServers(), traces("gone"), 2_000, SEED, Duration.ofSeconds(3))) {
            topic.awaitSpans(1);
            gone.stop();
            await().atMost(LONG)
                    .untilAsserted(() -> assertThatThrownBy(traffic::check)
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("demo traffic")
                            .hasCauseInstanceOf(TimeoutException.class));
            await().atMost(LONG).until(() -> !threads().contains("ollyscale-demo"));
        }
    }

    @Test
    void closesWhileItWaitsForABrokerThatIsAway() {
        try (LocalKafka gone = LocalKafka.builder().start();
                ReadTopic topic = ReadTopic.create(gone, "close")) {
            DemoTraffic traffic = DemoTraffic.start(gone.bootstrapServers(), traces("close"), 1e9, SEED);
            topic.awaitSpans(1);
            gone.stop();
            await().atMost(LONG).until(DemoTrafficITCase::isBlocked);
            long started = System.nanoTime();
            traffic.close();
            assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(15));
            traffic.check();
        }
    }

    private static Map<Signal, DemoTopic> traces(String topic) {
        return Map.of(Signal.TRACES, new DemoTopic(topic, RecordEncoding.OTLP_PROTO));
    }

    /** Whether the thread waits within the producer: for memory, or for a broker. */
    private static boolean isBlocked() {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(thread -> thread.getKey().getName().equals("ollyscale-demo"))
                .filter(thread -> thread.getKey().getState() == Thread.State.TIMED_WAITING)
                .flatMap(thread -> Arrays.stream(thread.getValue()))
                .anyMatch(frame -> frame.getClassName().equals(KafkaProducer.class.getName()));
    }

    private static Set<ByteString> ids(List<DemoSpan> spans) {
        Set<ByteString> ids = new HashSet<>();
        spans.forEach(span -> ids.add(span.span().getSpanId()));
        return ids;
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).toList();
    }
}
