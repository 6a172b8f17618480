package io.ollyscale.benchmarks;

import com.google.protobuf.InvalidProtocolBufferException;
import io.ollyscale.jobs.UserFailure;
import io.ollyscale.jobs.cli.recording.RecordTimes;
import io.ollyscale.jobs.cli.recording.Recording;
import io.ollyscale.jobs.cli.recording.Signal;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A recording of protobuf messages, cut between ResourceSpans into smaller records and repeated without end; each record's
 * times are shifted so that its last one is now. Not thread-safe.
 */
final class RecordedTraces implements Supplier<byte[]> {
    private final RecordTimes times = new RecordTimes(Signal.TRACES);
    private final List<byte[]> records = new ArrayList<>();
    private final int spansPerRecord;
    private int next;

    /**
     * @param spansPerRecord a record is complete when it has this many; one of a single large ResourceSpans has more
     * @throws UserFailure if the file can't be read, or holds no spans
     */
    RecordedTraces(Path file, int spansPerRecord) {
        this.spansPerRecord = spansPerRecord;
        try (Recording recording = Recording.open(file, null)) {
            for (Optional<byte[]> message = recording.next(); message.isPresent(); message = recording.next()) {
                cut(recording, message.get());
            }
        }
        if (records.isEmpty()) {
            throw new UserFailure(file + " holds no spans");
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

    private void cut(Recording recording, byte[] message) {
        TracesData traces;
        try {
            traces = TracesData.parseFrom(message);
        } catch (InvalidProtocolBufferException e) {
            throw new UserFailure(
                    "record " + recording.number() + " is no protobuf message of traces: " + e.getMessage(), e);
        }
        TracesData.Builder record = TracesData.newBuilder();
        int spans = 0;
        for (ResourceSpans resourceSpans : traces.getResourceSpansList()) {
            record.addResourceSpans(resourceSpans);
            spans += resourceSpans.getScopeSpansList().stream()
                    .mapToInt(ScopeSpans::getSpansCount)
                    .sum();
            if (spans >= spansPerRecord) {
                records.add(record.build().toByteArray());
                record.clear();
                spans = 0;
            }
        }
        if (spans > 0) {
            records.add(record.build().toByteArray());
        }
    }
}
