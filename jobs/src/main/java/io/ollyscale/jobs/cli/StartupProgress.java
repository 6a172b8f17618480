package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.local.Startup;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Says what a start is doing and for how long: on a terminal in one line that is rewritten, elsewhere in a line for each
 * step. A thread of its own writes until it is closed.
 */
final class StartupProgress implements AutoCloseable {

    private static final Duration INTERVAL = Duration.ofMillis(100);
    private static final String ERASE_LINE = "\r\u001b[K";

    private final PrintWriter out;
    private final Startup startup;
    private final boolean terminal;
    private final Set<Startup.Step> said = new HashSet<>();
    private final Thread thread = new Thread(this::write, "startup-progress");

    StartupProgress(PrintWriter out, Startup startup, boolean terminal) {
        this.out = out;
        this.startup = startup;
        this.terminal = terminal;
        thread.setDaemon(true);
        thread.start();
    }

    /** The start failed, unless it ended before. */
    @Override
    public void close() {
        end();
    }

    /** Says no more; what stood on the terminal's line is gone. */
    void end() {
        if (!thread.isAlive()) {
            return;
        }
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (terminal) {
            out.print(ERASE_LINE);
            out.flush();
        } else {
            sayEachStep();
        }
    }

    /** How long each step took, in the order of their beginnings. */
    static List<String> table(Startup startup) {
        return startup.steps().stream()
                .map(step -> String.format(
                        Locale.ROOT,
                        "%5.1f s  from %4.1f s on  %s",
                        seconds(step.took()),
                        seconds(step.begin()),
                        step.name()))
                .toList();
    }

    private void write() {
        try {
            while (true) {
                if (terminal) {
                    rewriteLine();
                } else {
                    sayEachStep();
                }
                Thread.sleep(INTERVAL.toMillis());
            }
        } catch (InterruptedException e) {
            // It is closed.
        }
    }

    private void rewriteLine() {
        String doing = startup.steps().stream()
                .filter(Startup.Step::isUnderWay)
                .map(Startup.Step::name)
                .collect(Collectors.joining(", "));
        String stopping = startup.isCalledOff() ? "stopping after " : "";
        out.printf(Locale.ROOT, "%s%.1f s  %s%s", ERASE_LINE, seconds(startup.took()), stopping, doing);
        out.flush();
    }

    private void sayEachStep() {
        for (Startup.Step step : startup.steps()) {
            if (said.add(step)) {
                out.printf(Locale.ROOT, "%4.1f s  %s%n", seconds(step.begin()), step.name());
                out.flush();
            }
        }
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1e3;
    }
}
