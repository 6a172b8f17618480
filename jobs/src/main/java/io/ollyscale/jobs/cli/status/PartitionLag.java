package io.ollyscale.jobs.cli.status;

/**
 * What Kafka holds of a partition and the store doesn't.
 *
 * @param nextOffset of the first record that isn't stored; null where nothing of the partition was ever stored
 * @param logStart the first offset that Kafka still has
 * @param logEnd the offset behind the last record
 */
public record PartitionLag(String topic, int partition, Long nextOffset, long logStart, long logEnd) {

    /** How many records are still to be stored, where offsets have no holes. */
    public long lag() {
        return Math.max(0, logEnd - Math.max(logStart, nextOffset == null ? 0 : nextOffset));
    }

    /** How many records Kafka deleted before they were stored. */
    public long lost() {
        return nextOffset == null ? 0 : Math.max(0, logStart - nextOffset);
    }
}
