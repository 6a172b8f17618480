package io.ollyscale.functions.sink;

import io.ollyscale.functions.postgres.PostgresConnection;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Properties;

/**
 * What the sink needs to know.
 *
 * @param signal {@code traces}, {@code logs} or {@code metrics}, for the quarantine
 * @param topics whose records it will get
 * @param kafka the connection's properties, as the source has them
 * @param generation of this submission
 * @param maxUnits spans, log records or points of a transaction
 * @param maxBytes memory of a transaction's records and rows; without it a catch-up would fill one for many seconds
 * @param maxAge longest time from a record's arrival at the sink to its transaction's begin
 * @param maxRefusedParts of one record that are looked for by halving; further refused pieces go to quarantine whole
 */
public record SinkSettings(
        String signal,
        PostgresConnection postgres,
        List<String> topics,
        Properties kafka,
        long generation,
        int maxUnits,
        long maxBytes,
        Duration maxAge,
        int maxRefusedParts)
        implements Serializable {

    public static final int DEFAULT_MAX_UNITS = 30_000;

    /** 30,000 spans of a kilobyte are 30 MB of COPY; the records and the places of row ids take as much again. */
    public static final long DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

    public static final Duration DEFAULT_MAX_AGE = Duration.ofSeconds(1);
    public static final int DEFAULT_MAX_REFUSED_PARTS = 1_000;
}
