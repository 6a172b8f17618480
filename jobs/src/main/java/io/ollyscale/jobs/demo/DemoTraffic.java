package io.ollyscale.jobs.demo;

import com.google.protobuf.InvalidProtocolBufferException;
import io.ollyscale.schema.json.OtlpJsonWriter;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.Signal;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Publishes the {@link DemoShop}'s traces, logs and metrics to Kafka, as a Collector's Kafka exporter would, on a thread of its own.
 *
 * <p>It keeps the rate without drift. Where Kafka is slower it sends what Kafka takes, with no more than 32 MB on the way,
 * and after a stall of more than a few seconds it goes on from now instead of making up for it. A broker that is away for
 * less than a minute loses it nothing; after that it ends, which {@link #check} tells.
 *
 * <p>Safe for use by several threads.
 */
public final class DemoTraffic implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Duration PATIENCE_AT_CLOSE = Duration.ofSeconds(5);
    private static final long BYTES_ON_THE_WAY = 32L << 20;

    private final DemoShop shop;
    private final Map<Signal, DemoTopic> topics;
    private final KafkaProducer<byte[], byte[]> producer;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Map<Signal, AtomicLong> sent = new EnumMap<>(Signal.class);
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final Thread thread = new Thread(this::run, "ollyscale-demo");

    private DemoTraffic(DemoShop shop, Map<Signal, DemoTopic> topics, KafkaProducer<byte[], byte[]> producer) {
        this.shop = shop;
        this.topics = Map.copyOf(topics);
        this.producer = producer;
        for (Signal signal : Signal.values()) {
            sent.put(signal, new AtomicLong());
        }
    }

    /**
     * Starts a thread that publishes.
     *
     * @param topics of the signals that are published, one at least; they must exist
     * @param spansPerSecond positive; logs and metrics follow from the spans
     * @param seed the same seed gives the same services, requests and ids
     * @throws IllegalArgumentException if the rate isn't positive, or there is no signal
     * @throws org.apache.kafka.common.KafkaException if the servers' addresses aren't any
     */
    public static DemoTraffic start(
            String bootstrapServers, Map<Signal, DemoTopic> topics, double spansPerSecond, long seed) {
        return start(bootstrapServers, topics, spansPerSecond, seed, PATIENCE);
    }

    /** @param patience with a broker that is away */
    static DemoTraffic start(
            String bootstrapServers,
            Map<Signal, DemoTopic> topics,
            double spansPerSecond,
            long seed,
            Duration patience) {
        DemoShop shop = new DemoShop(seed, now(), spansPerSecond, topics.keySet());
        DemoTraffic traffic = new DemoTraffic(shop, topics, producer(bootstrapServers, patience));
        // It may not keep a process alive whose main thread failed before it could close this.
        traffic.thread.setDaemon(true);
        traffic.thread.start();
        return traffic;
    }

    /** How many spans, log records or data points Kafka has acknowledged. */
    public long sent(Signal signal) {
        return sent.get(signal).get();
    }

    /**
     * Returns at once while the traffic goes on, and after {@link #close}.
     *
     * @throws IllegalStateException if it ended by itself; the cause is what ended it
     */
    public void check() {
        Throwable cause = failure.get();
        if (cause != null) {
            throw new IllegalStateException("The demo traffic ended: " + cause.getMessage(), cause);
        }
    }

    /** Stops, and waits a few seconds for Kafka to acknowledge what is on its way; what it doesn't isn't counted as sent. */
    @Override
    public void close() {
        stopping.countDown();
        // It may be waiting for a broker that is away.
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producer.close(PATIENCE_AT_CLOSE);
    }

    private void run() {
        try {
            publish();
        } catch (InterruptedException | RuntimeException | Error e) {
            // Interrupted by close(), or gone wrong: the thread is over either way.
            end(e);
        }
    }

    private void publish() throws InterruptedException {
        while (failure.get() == null) {
            shop.keepUpWith(now());
            DemoRecord record = shop.next();
            if (stopping.await(record.dueNanos() - now(), TimeUnit.NANOSECONDS)) {
                return;
            }
            DemoTopic topic = topics.get(record.signal());
            producer.send(new ProducerRecord<>(topic.name(), encoded(record, topic.encoding())), (metadata, error) -> {
                if (error == null) {
                    sent.get(record.signal()).addAndGet(record.units());
                } else {
                    end(error);
                }
            });
        }
    }

    private static byte[] encoded(DemoRecord record, RecordEncoding encoding) {
        if (encoding == RecordEncoding.OTLP_PROTO) {
            return record.message();
        }
        try {
            return OtlpJsonWriter.write(
                    record.signal().message().getParserForType().parseFrom(record.message()));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("the shop writes messages", e);
        }
    }

    /** What happens because it is being closed is no failure. */
    private void end(Throwable cause) {
        if (stopping.getCount() > 0) {
            failure.compareAndSet(null, cause);
        }
    }

    private static long now() {
        Instant now = Instant.now();
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }

    private static KafkaProducer<byte[], byte[]> producer(String bootstrapServers, Duration patience) {
        return new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ProducerConfig.CLIENT_ID_CONFIG,
                        "ollyscale-demo",
                        ProducerConfig.ACKS_CONFIG,
                        "all",
                        ProducerConfig.COMPRESSION_TYPE_CONFIG,
                        "zstd",
                        ProducerConfig.BUFFER_MEMORY_CONFIG,
                        BYTES_ON_THE_WAY,
                        ProducerConfig.MAX_BLOCK_MS_CONFIG,
                        patience.toMillis(),
                        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                        (int) patience.toMillis() / 2,
                        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                        (int) patience.toMillis()),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }
}
