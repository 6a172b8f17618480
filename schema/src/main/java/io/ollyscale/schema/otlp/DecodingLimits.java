package io.ollyscale.schema.otlp;

import java.io.Serializable;

/**
 * How far a record is trusted. What a small record can be made to expand to is bounded by the last two.
 *
 * @param nesting levels of arrays and kvlists within an attribute value. PostgreSQL's JSONB parser and every reader's
 *     recurse over them.
 * @param idBytes longest trace or span id. The specification says 16 and 8; a B-tree entry ends at 2,700.
 * @param messages protobuf messages in a record: an empty one takes two bytes on the wire and a hundred in memory
 * @param rowBytes memory of a record's rows and of the dimensions that they refer to. A double of eight bytes may take 310
 *     in JSON.
 */
public record DecodingLimits(int nesting, int idBytes, int messages, long rowBytes) implements Serializable {

    /** Enough for 100,000 spans of ten attributes each in one record. */
    public static final DecodingLimits DEFAULT = new DecodingLimits(128, 32, 3_000_000, 256L << 20);

    /** Levels of messages that {@code nesting} levels of values take: a kvlist's level is three messages deep. */
    int messageDepth() {
        return 3 * nesting + 16;
    }
}
