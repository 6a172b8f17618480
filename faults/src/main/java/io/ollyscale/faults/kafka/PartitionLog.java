package io.ollyscale.faults.kafka;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.record.FileLogInputStream.FileChannelRecordBatch;
import org.apache.kafka.common.record.FileRecords;

/** The files of one partition on a broker that isn't running. */
final class PartitionLog {

    private static final String SEGMENT = ".log";
    private static final String PRODUCERS = ".snapshot";
    private static final List<String> INDEXES = List.of(".index", ".timeindex", ".txnindex");

    /** What a broker leaves that stopped in order; without it, the next start looks at the logs themselves. */
    private static final String CLEAN_SHUTDOWN = ".kafka_cleanshutdown";

    private final Path logDirectory;
    private final Path directory;

    PartitionLog(Path logDirectory, String topic, int partition) {
        this.logDirectory = logDirectory;
        this.directory = logDirectory.resolve(topic + "-" + partition);
    }

    /** @see BrokerProcess#truncate */
    long truncate(long offset) throws IOException {
        List<Path> segments = files(SEGMENT);
        if (segments.isEmpty() || offset < baseOffset(segments.get(0))) {
            throw new IllegalArgumentException("There is no offset " + offset + " in " + directory + ".");
        }
        Path cut = segments.stream()
                .filter(segment -> baseOffset(segment) <= offset)
                .reduce((one, next) -> next)
                .orElseThrow();
        long end = truncate(cut, offset);
        for (Path later : segments) {
            if (baseOffset(later) > baseOffset(cut)) {
                Files.delete(later);
            }
        }
        // The broker rebuilds them. It cuts its leader epochs, recovery point and high watermark at the log's end
        // itself.
        for (String suffix : INDEXES) {
            for (Path index : files(suffix)) {
                if (baseOffset(index) >= baseOffset(cut)) {
                    Files.delete(index);
                }
            }
        }
        for (Path producers : files(PRODUCERS)) {
            if (baseOffset(producers) > end) {
                Files.delete(producers);
            }
        }
        Files.deleteIfExists(logDirectory.resolve(CLEAN_SHUTDOWN));
        return end;
    }

    /** @return the new end of the segment */
    private static long truncate(Path segment, long offset) throws IOException {
        long end = baseOffset(segment);
        int size = 0;
        try (FileRecords records = FileRecords.open(segment.toFile())) {
            for (FileChannelRecordBatch batch : records.batches()) {
                if (batch.lastOffset() >= offset) {
                    records.truncateTo(size);
                    records.flush();
                    return Math.min(batch.baseOffset(), offset);
                }
                end = batch.nextOffset();
                size = batch.position() + batch.sizeInBytes();
            }
        }
        if (end < offset) {
            throw new IllegalArgumentException(
                    "The log in " + segment + " ends at " + end + ", before " + offset + ".");
        }
        return end;
    }

    private List<Path> files(String suffix) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(suffix))
                    .sorted()
                    .toList();
        }
    }

    private static long baseOffset(Path file) {
        String name = file.getFileName().toString();
        return Long.parseLong(name.substring(0, name.indexOf('.')));
    }
}
