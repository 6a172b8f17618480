package io.ollyscale.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** The CPU that PostgreSQL, this process and everybody else have used. Where there is no Linux {@code /proc}: only ours. */
final class CpuClock {
    private static final Path PROC = Path.of("/proc");
    private static final double TICKS_PER_SECOND = 100;

    // Of /proc/PID/stat, counted behind the name, which is in parentheses.
    private static final int USER = 11;
    private static final int SYSTEM = 12;
    private static final int CHILDREN_USER = 13;
    private static final int CHILDREN_SYSTEM = 14;

    // Of the first line of /proc/stat.
    private static final int IDLE = 4;
    private static final int IO_WAIT = 5;
    private static final int STEAL = 8;

    private final long postmaster;
    private final OperatingSystemMXBean process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    /**
     * Seconds until now.
     *
     * @param postgres all of its processes, ended ones included; NaN where not known
     * @param own this process: the job, Kafka, and what feeds COPY
     * @param others the rest of the machine; NaN where not known
     */
    record Times(double postgres, double own, double others) {

        Times since(Times earlier) {
            return new Times(postgres - earlier.postgres, own - earlier.own, others - earlier.others);
        }
    }

    CpuClock(Path postgresData) {
        try {
            postmaster = Long.parseLong(
                    Files.readAllLines(postgresData.resolve("postmaster.pid")).get(0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Times now() {
        double own = process.getProcessCpuTime() / 1e9;
        if (Files.notExists(PROC.resolve("stat"))) {
            return new Times(Double.NaN, own, Double.NaN);
        }
        double postgres = postgresTicks() / TICKS_PER_SECOND;
        return new Times(postgres, own, busyTicks() / TICKS_PER_SECOND - postgres - own);
    }

    private long postgresTicks() {
        return ticks(postmaster, USER, SYSTEM, CHILDREN_USER, CHILDREN_SYSTEM)
                + ProcessHandle.of(postmaster)
                        .orElseThrow()
                        .children()
                        .mapToLong(child -> ticks(child.pid(), USER, SYSTEM))
                        .sum();
    }

    private static long ticks(long pid, int... fields) {
        try {
            String stat = Files.readString(PROC.resolve(Long.toString(pid)).resolve("stat"));
            String[] values = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return Arrays.stream(fields)
                    .mapToLong(field -> Long.parseLong(values[field]))
                    .sum();
        } catch (IOException ended) {
            // Its parent counts it from the next look on.
            return 0;
        }
    }

    /** Of all processes; what a hypervisor takes away counts too, guests' time is within that of users. */
    private static long busyTicks() {
        try {
            String[] values = Files.readAllLines(PROC.resolve("stat")).get(0).split(" +");
            long ticks = 0;
            for (int i = 1; i <= STEAL; i++) {
                if (i != IDLE && i != IO_WAIT) {
                    ticks += Long.parseLong(values[i]);
                }
            }
            return ticks;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
