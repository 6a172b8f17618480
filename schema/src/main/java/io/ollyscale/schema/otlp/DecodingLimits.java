package io.ollyscale.schema.otlp;

import java.io.Serializable;

/**
 * How far a record is trusted.
 *
 * @param nesting levels of arrays and kvlists within an attribute value. PostgreSQL's JSONB parser and every reader's
 *     recurse over them.
 * @param idBytes longest trace or span id. The specification says 16 and 8; a B-tree entry ends at 2,700.
 */
public record DecodingLimits(int nesting, int idBytes) implements Serializable {

    public static final DecodingLimits DEFAULT = new DecodingLimits(128, 32);

    /** Levels of messages that {@code nesting} levels of values take: a kvlist's level is three messages deep. */
    int messageDepth() {
        return 3 * nesting + 16;
    }
}
