package io.ollyscale.benchmarks;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.ollyscale.jobs.UserFailure;
import io.ollyscale.jobs.cli.recording.RecordTimes;
import io.ollyscale.jobs.cli.recording.Recording;
import io.ollyscale.jobs.cli.recording.UnitCount;
import io.ollyscale.schema.otlp.Signal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A recording of protobuf messages, cut between its resources into smaller records and repeated without end; each record's
 * times are shifted so that its last one is now. Not thread-safe.
 */
final class Recorded implements Supplier<byte[]> {
    private final Signal signal;
    private final RecordTimes times;
    private final List<byte[]> records = new ArrayList<>();
    private final int unitsPerRecord;
    private int next;

    /**
     * @param unitsPerRecord a record is complete when it has this many; one of a single large resource has more
     * @throws UserFailure if the file can't be read, or holds no units of the signal
     */
    Recorded(Path file, Signal signal, int unitsPerRecord) {
        this.signal = signal;
        this.unitsPerRecord = unitsPerRecord;
        times = new RecordTimes(signal);
        try (Recording recording = Recording.open(file, null)) {
            for (Optional<byte[]> message = recording.next(); message.isPresent(); message = recording.next()) {
                cut(recording, message.get());
            }
        }
        if (records.isEmpty()) {
            throw new UserFailure(file + " holds no " + UnitCount.name(signal, true));
        }
    }

    @Override
    public byte[] get() {
        byte[] record = records.get(next++ % records.size()).clone();
        try {
            long[] last = {0};
            times.replaceAll(record, time -> {
                last[0] = Math.max(last[0], time);
                return time;
            });
            Instant now = Instant.now();
            long shift = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano() - last[0];
            times.replaceAll(record, time -> time + shift);
            return record;
        } catch (IOException e) {
            throw new IllegalStateException("this message was parsed before", e);
        }
    }

    private void cut(Recording recording, byte[] bytes) {
        ByteArrayOutputStream record = new ByteArrayOutputStream();
        long units = 0;
        try {
            Message message = signal.message().getParserForType().parseFrom(bytes);
            FieldDescriptor resources = message.getDescriptorForType().findFieldByNumber(1);
            for (Object resource : (List<?>) message.getField(resources)) {
                byte[] single = message.newBuilderForType()
                        .addRepeatedField(resources, resource)
                        .build()
                        .toByteArray();
                // Messages behind one another are one message.
                record.writeBytes(single);
                units += UnitCount.of(single, signal);
                if (units >= unitsPerRecord) {
                    records.add(record.toByteArray());
                    record.reset();
                    units = 0;
                }
            }
        } catch (InvalidProtocolBufferException e) {
            throw recording.failure("no protobuf message of " + signal + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new IllegalStateException("reading from an array fails in no other way", e);
        }
        if (units > 0) {
            records.add(record.toByteArray());
        }
    }
}
