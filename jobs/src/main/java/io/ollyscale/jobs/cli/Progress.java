package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.cli.recording.Recording;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** One line of a terminal that says how far a load is. Writes nothing where there is no terminal. Not for several threads. */
final class Progress {

    private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final String ERASE_LINE = "\r\u001b[K";

    private final PrintWriter out;
    private final boolean shown;
    private final long totalBytes;
    private final long started = System.nanoTime();
    private long lastShown = started;
    private long bytesOfFilesBefore;
    private long records;
    private long recordBytes;

    /** @param totalBytes of all files that will be read, as they are stored */
    Progress(PrintWriter out, boolean shown, long totalBytes) {
        this.out = out;
        this.shown = shown;
        this.totalBytes = totalBytes;
    }

    void record(Recording recording, int bytes) {
        records++;
        recordBytes += bytes;
        long now = System.nanoTime();
        if (shown && now - lastShown >= INTERVAL_NANOS) {
            lastShown = now;
            out.printf(
                    Locale.ROOT,
                    "%s%s  %d %%  %,d records  %s",
                    ERASE_LINE,
                    recording.file().getFileName(),
                    100 * (bytesOfFilesBefore + recording.bytesRead()) / totalBytes,
                    records,
                    rate(recordBytes, now - started));
            out.flush();
        }
    }

    void fileDone(long fileBytes) {
        bytesOfFilesBefore += fileBytes;
    }

    void clear() {
        if (shown) {
            out.print(ERASE_LINE);
            out.flush();
        }
    }

    static String rate(long bytes, long nanos) {
        return String.format(Locale.ROOT, "%.1f MB/s", bytes / 1e6 / Math.max(nanos / 1e9, 1e-3));
    }
}
