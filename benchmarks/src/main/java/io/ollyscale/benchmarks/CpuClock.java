package io.ollyscale.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The CPU that PostgreSQL and this process have used. PostgreSQL's only where there is a Linux {@code /proc}. */
final class CpuClock {
    private static final double TICKS_PER_SECOND = 100;

    // Of /proc/PID/stat, counted behind the name, which is in parentheses.
    private static final int USER = 11;
    private static final int SYSTEM = 12;
    private static final int CHILDREN_USER = 13;
    private static final int CHILDREN_SYSTEM = 14;

    private final long postmaster;
    private final OperatingSystemMXBean process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    CpuClock(Path postgresData) {
        try {
            postmaster = Long.parseLong(
                    Files.readAllLines(postgresData.resolve("postmaster.pid")).get(0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Seconds of this process: the job, Kafka, and what feeds COPY. */
    double ownSeconds() {
        return process.getProcessCpuTime() / 1e9;
    }

    /** Seconds of all of PostgreSQL's processes, ended ones included; NaN where that isn't known. */
    double postgresSeconds() {
        if (Files.notExists(Path.of("/proc/self/stat"))) {
            return Double.NaN;
        }
        long ticks = ticks(postmaster, USER, SYSTEM, CHILDREN_USER, CHILDREN_SYSTEM);
        ticks += ProcessHandle.of(postmaster)
                .orElseThrow()
                .children()
                .mapToLong(child -> ticks(child.pid(), USER, SYSTEM))
                .sum();
        return ticks / TICKS_PER_SECOND;
    }

    private static long ticks(long pid, int... fields) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            String[] values = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            long ticks = 0;
            for (int field : fields) {
                ticks += Long.parseLong(values[field]);
            }
            return ticks;
        } catch (NoSuchFileException ended) {
            // The postmaster counts it from the next look on.
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
