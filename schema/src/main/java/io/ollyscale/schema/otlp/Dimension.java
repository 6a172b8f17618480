package io.ollyscale.schema.otlp;

import java.util.List;

/**
 * A dimension as it was seen, whole, so that a write of it never depends on what is stored already. The arguments of the
 * procedure {@code otel.upsert_dimension}.
 *
 * @param id the first 8 bytes of the hash
 * @param serviceId the service that an operation belongs to; 0 for the other kinds
 * @param hash 64 hex digits
 * @param columns the dimension's columns as a JSON object
 * @param attributes its promoted attributes
 * @param other its catch-all as JSON; null if there is nothing in it
 */
public record Dimension(
        DimensionKind kind,
        long id,
        long serviceId,
        String hash,
        String columns,
        TypedAttributes attributes,
        String other) {

    /** Bytes of memory that it takes, roughly. */
    public long memory() {
        return 500 + columns.length() + (other == null ? 0 : other.length()) + attributes.memory();
    }

    /**
     * Promoted attributes by type: ids of keys, and values in the same order.
     *
     * @param doubleBits the bits of doubles: Flink's serializer makes one NaN of all
     */
    public record TypedAttributes(
            List<Integer> stringKeys,
            List<String> strings,
            List<Integer> intKeys,
            List<Long> ints,
            List<Integer> doubleKeys,
            List<Long> doubleBits,
            List<Integer> boolKeys,
            List<Boolean> bools,
            List<Integer> bytesKeys,
            List<byte[]> bytes) {

        /** Bytes of memory that they take, roughly. */
        long memory() {
            long memory = 50L * (ints.size() + doubleBits.size() + bools.size());
            for (String value : strings) {
                memory += 70 + value.length();
            }
            for (byte[] value : bytes) {
                memory += 50 + value.length;
            }
            return memory;
        }
    }
}
