package io.ollyscale.jobs.cli;

import com.google.protobuf.Message;
import io.ollyscale.jobs.UserFailure;
import io.ollyscale.jobs.cli.recording.RecordTimes;
import io.ollyscale.jobs.cli.recording.Recording;
import io.ollyscale.jobs.cli.recording.RecordingFormat;
import io.ollyscale.jobs.cli.recording.Signal;
import io.ollyscale.schema.json.OtlpJson;
import io.ollyscale.schema.json.OtlpJsonException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;

/** A file whose records are published. Not for several threads. */
final class LoadSource {

    /** As deep as protobuf itself reads messages. */
    private static final OtlpJson JSON = new OtlpJson(100);

    private final Path file;
    private final RecordingFormat format;
    private final Signal signal;
    private final String topic;
    private final RecordTimes times;
    private long unknownKeys;

    private LoadSource(Path file, RecordingFormat format, Signal signal, String topic) {
        this.file = file;
        this.format = format;
        this.signal = signal;
        this.topic = topic;
        this.times = new RecordTimes(signal);
    }

    /**
     * Looks into the file; what is null is found out.
     *
     * @throws UserFailure if the file can't be read, or doesn't tell its signal
     */
    static LoadSource of(Path file, RecordingFormat format, Signal signal, String topic) {
        try (Recording recording = Recording.open(file, format)) {
            byte[] first = recording.next().orElseThrow(() -> new UserFailure(file + " holds no records"));
            Signal known = signal != null ? signal : guess(recording, first);
            return new LoadSource(file, recording.format(), known, topic != null ? topic : known.topic());
        }
    }

    private static Signal guess(Recording recording, byte[] record) {
        Optional<Signal> signal;
        try {
            signal = Signal.guess(record, recording.format());
        } catch (IOException e) {
            throw recording.failure("neither traces, nor logs, nor metrics: " + firstSentence(e), e);
        }
        return signal.orElseThrow(
                () -> recording.failure("it doesn't tell whether it is traces, logs or metrics: pass --signal", null));
    }

    Path file() {
        return file;
    }

    Signal signal() {
        return signal;
    }

    String topic() {
        return topic;
    }

    /** How many keys of JSON no field of OTLP has, as far as the file was read. */
    long unknownKeys() {
        return unknownKeys;
    }

    /** Takes a record and says whether it wants another one. */
    @FunctionalInterface
    interface Consumer {
        boolean accept(Recording recording, byte[] message);
    }

    /**
     * Reads the file from its beginning, as protobuf messages.
     *
     * @param change what becomes of the times in Unix nanoseconds
     */
    void forEach(LongUnaryOperator change, Consumer consumer) {
        try (Recording recording = Recording.open(file, format)) {
            boolean goOn = true;
            while (goOn) {
                Optional<byte[]> record = recording.next();
                if (record.isEmpty()) {
                    return;
                }
                byte[] message = message(recording, record.get());
                replaceTimes(recording, message, change);
                goOn = consumer.accept(recording, message);
            }
        }
    }

    /** Shifts the times so that the file's last one becomes {@code now}. Reads the whole file. */
    LongUnaryOperator shiftTo(Instant now) {
        long[] last = {0};
        forEach(
                time -> {
                    last[0] = Math.max(last[0], time);
                    return time;
                },
                (recording, message) -> true);
        long shift = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano() - last[0];
        // 0 would be an unset time.
        return time -> Math.max(1, time + shift);
    }

    private byte[] message(Recording recording, byte[] record) {
        if (format != RecordingFormat.JSON) {
            return record;
        }
        try {
            OtlpJson.Document<Message> document = JSON.parse(record, signal.data());
            unknownKeys += document.unknownKeys();
            return document.message().toByteArray();
        } catch (OtlpJsonException e) {
            throw recording.failure("no OTLP/JSON of " + signal + ": " + e.getMessage(), e);
        }
    }

    private void replaceTimes(Recording recording, byte[] message, LongUnaryOperator change) {
        try {
            times.replaceAll(message, change);
        } catch (IOException e) {
            throw recording.failure("no message of " + signal + ": " + firstSentence(e), e);
        }
    }

    /** The parsers say a lot more. */
    private static String firstSentence(IOException e) {
        return String.valueOf(e.getMessage()).split("\\.\\s|\n")[0];
    }
}
