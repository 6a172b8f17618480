package io.ollyscale.functions.maintenance;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;

/**
 * Ticks each second, for what is to be done from time to time.
 *
 * <p>Not by {@link RateLimiterStrategy#perSecond}: its thread outlives the job by up to the whole interval and until its executor
 * is finalized, and all of the job's classes stay with it. Nobody closes a rate limiter, so this one has nothing to close: its
 * delays are the JDK's, and short, because each keeps the reader that waits for it. (The JDK's thread for delays, of which a process
 * has one, keeps the classes of the job that needed it first.)
 */
public final class Clock {
    private Clock() {}

    /** Counts its ticks. */
    public static DataGeneratorSource<Long> source() {
        return new DataGeneratorSource<>(tick -> tick, Long.MAX_VALUE, limiter(), Types.LONG);
    }

    private static RateLimiterStrategy<SourceSplit> limiter() {
        return parallelism -> ticks -> new CompletableFuture<Void>().completeOnTimeout(null, ticks, TimeUnit.SECONDS);
    }
}
