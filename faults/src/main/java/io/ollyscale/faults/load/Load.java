package io.ollyscale.faults.load;

import io.ollyscale.faults.process.ProcessException;
import io.ollyscale.schema.otlp.Signal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Publishes numbered units of each signal at a steady rate, on a thread of its own, whatever happens to the broker: a record that it
 * doesn't acknowledge is sent again until it does, and once (the producer is idempotent). Not thread-safe but for that thread.
 */
public final class Load implements AutoCloseable {
    /** Of them, one can't be decoded. */
    private static final int RECORDS_FOR_A_CUT_OFF = 40;

    /** Of traces, one has a unit that PostgreSQL refuses. */
    private static final int RECORDS_FOR_A_REFUSED_UNIT = 150;

    private static final int DELIVERY_TIMEOUT_MILLIS = 120_000;

    private final String bootstrapServers;
    private final Map<Signal, String> topics;
    private final int partitions;
    private final long pauseNanos;
    private final boolean flawed;
    private final Map<Signal, List<SentRecord>> sent = new EnumMap<>(Signal.class);
    private final Map<TopicPartition, Long> ends = new HashMap<>();
    private final Map<Signal, Integer> records = new EnumMap<>(Signal.class);
    private KafkaProducer<byte[], byte[]> producer;
    private Thread thread;
    private volatile boolean flowing;
    private volatile Exception failure;

    /**
     * @param recordsPerSecond of each signal, of {@value NumberedMessage#UNITS} units each
     * @param flawed whether some can't be stored as they are
     */
    public Load(
            String bootstrapServers, Map<Signal, String> topics, int partitions, int recordsPerSecond, boolean flawed) {
        this.flawed = flawed;
        this.bootstrapServers = bootstrapServers;
        this.topics = topics;
        this.partitions = partitions;
        this.pauseNanos = 1_000_000_000L / recordsPerSecond;
        for (Signal signal : Signal.values()) {
            sent.put(signal, new ArrayList<>());
            records.put(signal, 0);
        }
        producer = producer();
    }

    /** Begins to publish; does nothing while it does. */
    public void flow() {
        if (thread != null) {
            return;
        }
        flowing = true;
        thread = new Thread(this::publish, "load");
        thread.setDaemon(true);
        thread.start();
    }

    /** Ends publishing, and returns when the broker has all records. */
    public void pause() throws InterruptedException {
        if (thread == null) {
            return;
        }
        flowing = false;
        thread.join();
        thread = null;
        producer.flush();
        requireWell();
    }

    private void requireWell() {
        if (failure != null) {
            throw new ProcessException("the broker doesn't take a record: " + failure, failure);
        }
    }

    /** How many records were published so far. Throws if one can't be. */
    public int published() {
        requireWell();
        synchronized (sent) {
            return sent.values().stream().mapToInt(List::size).sum();
        }
    }

    /** The offsets behind the last records of the topics' present lives. */
    public Map<TopicPartition, Long> ends() {
        synchronized (sent) {
            return Map.copyOf(ends);
        }
    }

    /**
     * A topic was created anew or a log lost its end: what was sent must be stored all the same, but ends elsewhere, and the broker
     * knows no producer any more. While it is paused.
     */
    public void forgetEnds() {
        ends.clear();
        producer.close();
        producer = producer();
    }

    /** What must be stored and quarantined by now. While it is paused. */
    public Expected expected() {
        return new Expected(topics, sent);
    }

    @Override
    public void close() {
        flowing = false;
        producer.close(Duration.ZERO);
    }

    private void publish() {
        try {
            long next = System.nanoTime();
            while (flowing) {
                for (Signal signal : Signal.values()) {
                    publish(signal, records.merge(signal, 1, Integer::sum) - 1);
                }
                next += pauseNanos;
                LockSupport.parkNanos(next - System.nanoTime());
                // After a broker was away there is no hurry to catch up.
                next = Math.max(next, System.nanoTime() - pauseNanos);
            }
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    private void publish(Signal signal, int record) {
        NumberedMessage message = new NumberedMessage(signal, record * NumberedMessage.UNITS, flaw(signal, record));
        producer.send(
                new ProducerRecord<>(topics.get(signal), record % partitions, null, message.bytes()),
                (metadata, refused) -> {
                    if (refused != null) {
                        failure = refused;
                        return;
                    }
                    synchronized (sent) {
                        sent.get(signal).add(new SentRecord(message, metadata.partition(), metadata.offset()));
                        ends.merge(
                                new TopicPartition(metadata.topic(), metadata.partition()),
                                metadata.offset() + 1,
                                Math::max);
                    }
                });
    }

    private NumberedMessage.Flaw flaw(Signal signal, int record) {
        if (!flawed) {
            return NumberedMessage.Flaw.NONE;
        }
        if (record % RECORDS_FOR_A_CUT_OFF == RECORDS_FOR_A_CUT_OFF - 1) {
            return NumberedMessage.Flaw.CUT_OFF;
        }
        return signal == Signal.TRACES && record % RECORDS_FOR_A_REFUSED_UNIT == RECORDS_FOR_A_REFUSED_UNIT - 2
                ? NumberedMessage.Flaw.REFUSED_UNIT
                : NumberedMessage.Flaw.NONE;
    }

    private KafkaProducer<byte[], byte[]> producer() {
        return new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ProducerConfig.ACKS_CONFIG,
                        "all",
                        ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                        true,
                        ProducerConfig.LINGER_MS_CONFIG,
                        0,
                        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                        DELIVERY_TIMEOUT_MILLIS,
                        ProducerConfig.MAX_BLOCK_MS_CONFIG,
                        DELIVERY_TIMEOUT_MILLIS,
                        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                        5_000,
                        ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG,
                        500),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }
}
