package io.ollyscale.schema.otlp;

/**
 * Some consecutive units (spans, log records or data points) of a record.
 *
 * @param from index of the first
 * @param to index behind the last
 */
public record UnitRange(int from, int to) {

    public int size() {
        return to - from;
    }
}
