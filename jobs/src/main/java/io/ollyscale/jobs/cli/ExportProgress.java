package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.cli.recording.UnitCount;
import io.ollyscale.schema.otlp.Signal;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * One line of a terminal that says how far an export is. Ids carry the time of arrival, so that is what it is measured by.
 * Not for several threads.
 */
final class ExportProgress {

    private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final String ERASE_LINE = "\r\u001b[K";

    /** Where ids begin: 2020. */
    private static final long EPOCH_SECONDS = 1_577_836_800L;

    private final PrintWriter out;
    private final boolean shown;
    private final Signal signal;
    private final long endSecond;
    private final long started = System.nanoTime();
    private long lastShown = started;

    /** @param arrivedTo null for now */
    ExportProgress(PrintWriter out, boolean shown, Signal signal, Instant arrivedTo) {
        this.out = out;
        this.shown = shown;
        this.signal = signal;
        Instant now = Instant.now();
        endSecond = (arrivedTo == null || arrivedTo.isAfter(now) ? now : arrivedTo).getEpochSecond() - EPOCH_SECONDS;
    }

    /** @param firstId where the table at hand began */
    void show(long units, long firstId, long lastId) {
        long now = System.nanoTime();
        if (shown && now - lastShown >= INTERVAL_NANOS) {
            lastShown = now;
            out.printf(
                    Locale.ROOT,
                    "%s%d %%  %,d %s  %,.0f/s",
                    ERASE_LINE,
                    percent(firstId >> Integer.SIZE, lastId >> Integer.SIZE),
                    units,
                    UnitCount.name(signal, true),
                    units / ((now - started) / 1e9));
            out.flush();
        }
    }

    void clear() {
        if (shown) {
            out.print(ERASE_LINE);
            out.flush();
        }
    }

    private long percent(long firstSecond, long lastSecond) {
        return Math.min(100, 100 * (lastSecond - firstSecond) / Math.max(1, endSecond - firstSecond));
    }
}
