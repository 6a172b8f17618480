package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.UserFailure;
import io.ollyscale.jobs.cli.recording.JsonRecords;
import io.ollyscale.jobs.cli.recording.RecordTimes;
import io.ollyscale.jobs.cli.recording.Recording;
import io.ollyscale.jobs.cli.recording.RecordingFormat;
import io.ollyscale.jobs.cli.recording.SignalGuess;
import io.ollyscale.jobs.cli.recording.UnitCount;
import io.ollyscale.schema.json.OtlpJsonException;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.Signal;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;

/** A file whose records are published. Not for several threads. */
final class LoadSource {

    private final Path file;
    private final RecordingFormat format;
    private final Signal signal;
    private final String topic;
    private final RecordEncoding encoding;
    private final RecordTimes times;
    private final JsonRecords json;

    private LoadSource(Path file, RecordingFormat format, Signal signal, LoadTarget target) {
        this.file = file;
        this.format = format;
        this.signal = signal;
        this.topic = target.topic(signal);
        this.encoding = target.encoding(signal);
        this.times = new RecordTimes(signal);
        this.json = new JsonRecords(signal);
    }

    /**
     * Looks into the file; format and signal are found out where they are null.
     *
     * @throws UserFailure if the file can't be read, or doesn't tell its signal
     */
    static LoadSource of(Path file, RecordingFormat format, Signal signal, LoadTarget target) {
        try (Recording recording = Recording.open(file, format)) {
            Signal known = signal != null ? signal : guess(recording);
            return new LoadSource(file, recording.format(), known, target);
        }
    }

    /** Of the first record that tells. */
    private static Signal guess(Recording recording) {
        for (Optional<byte[]> record = recording.next(); record.isPresent(); record = recording.next()) {
            try {
                Optional<Signal> signal = SignalGuess.of(record.get(), encoding(recording.format()));
                if (signal.isPresent()) {
                    return signal.get();
                }
            } catch (IOException e) {
                throw recording.failure("neither traces, nor logs, nor metrics: " + firstSentence(e), e);
            }
        }
        throw new UserFailure(recording.file()
                + (recording.number() == 0
                        ? " holds no records"
                        : " doesn't tell whether it is traces, logs or metrics: pass --signal"));
    }

    private static RecordEncoding encoding(RecordingFormat format) {
        return format == RecordingFormat.JSON ? RecordEncoding.OTLP_JSON : RecordEncoding.OTLP_PROTO;
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

    /** How much of what was read, or made JSON, was left out because of JSON. */
    long leftOut() {
        return json.leftOut();
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
        forEach(json, change, consumer);
    }

    private void forEach(JsonRecords counting, LongUnaryOperator change, Consumer consumer) {
        try (Recording recording = Recording.open(file, format)) {
            boolean goOn = true;
            while (goOn) {
                Optional<byte[]> record = recording.next();
                if (record.isEmpty()) {
                    return;
                }
                byte[] message = message(counting, recording, record.get());
                replaceTimes(recording, message, change);
                goOn = consumer.accept(recording, message);
            }
        }
    }

    /** Shifts the times so that the file's last one becomes {@code now}. Reads the whole file. */
    LongUnaryOperator shiftTo(Instant now) {
        long[] last = {0};
        // What is left out counts when it is published.
        forEach(
                new JsonRecords(signal),
                time -> {
                    last[0] = Math.max(last[0], time);
                    return time;
                },
                (recording, message) -> true);
        long shift = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano() - last[0];
        // 0 would be an unset time.
        return time -> Math.max(1, time + shift);
    }

    /** A message as records of the topic are encoded. */
    byte[] encoded(Recording recording, byte[] message) {
        try {
            return encoding == RecordEncoding.OTLP_JSON ? json.toJson(message) : message;
        } catch (IOException e) {
            throw noMessage(recording, e);
        }
    }

    /** How many spans, log records or data points a message has. */
    long units(Recording recording, byte[] message) {
        try {
            return UnitCount.of(message, signal);
        } catch (IOException e) {
            throw noMessage(recording, e);
        }
    }

    private byte[] message(JsonRecords counting, Recording recording, byte[] record) {
        if (format != RecordingFormat.JSON) {
            return record;
        }
        try {
            return counting.toProtobuf(record);
        } catch (OtlpJsonException e) {
            throw recording.failure("no OTLP/JSON of " + signal + ": " + e.getMessage(), e);
        }
    }

    private void replaceTimes(Recording recording, byte[] message, LongUnaryOperator change) {
        try {
            times.replaceAll(message, change);
        } catch (IOException e) {
            throw noMessage(recording, e);
        }
    }

    private UserFailure noMessage(Recording recording, IOException e) {
        return recording.failure("no message of " + signal + ": " + firstSentence(e), e);
    }

    /** The parsers say a lot more. */
    private static String firstSentence(IOException e) {
        return String.valueOf(e.getMessage()).split("\\.\\s|\n")[0];
    }
}
