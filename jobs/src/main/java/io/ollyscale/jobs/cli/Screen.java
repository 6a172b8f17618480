package io.ollyscale.jobs.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The terminal's second screen, drawn anew as a whole; what stood on the first one is there again afterwards, also when
 * the process is ended. Thread-safe.
 */
final class Screen implements AutoCloseable {

    private static final String ENTER = "\u001b[?1049h\u001b[?25l";
    private static final String LEAVE = "\u001b[?25h\u001b[?1049l";
    private static final String HOME = "\u001b[H";
    private static final String ERASE_LINE = "\u001b[K";
    private static final String ERASE_BELOW = "\u001b[J";

    private final PrintWriter out;
    private final Thread hook = ShutdownHooks.add(this::leave);
    private boolean left;

    Screen(PrintWriter out) {
        this.out = out;
        out.print(ENTER);
        out.flush();
    }

    /**
     * Shows what fits.
     *
     * @param lines without control characters
     * @param extent of the terminal; empty where it isn't known
     */
    synchronized void show(List<String> lines, Optional<Terminal.Extent> extent) {
        if (left) {
            return;
        }
        String text = lines.stream()
                .limit(extent.map(Terminal.Extent::rows).orElse(Integer.MAX_VALUE))
                .map(line -> cut(line, extent.map(Terminal.Extent::columns).orElse(Integer.MAX_VALUE)))
                .collect(Collectors.joining(ERASE_LINE + "\n"));
        out.print(HOME + text + ERASE_LINE + ERASE_BELOW);
        out.flush();
    }

    private static String cut(String line, int columns) {
        return line.codePointCount(0, line.length()) <= columns
                ? line
                : line.substring(0, line.offsetByCodePoints(0, columns));
    }

    @Override
    public void close() {
        leave();
        ShutdownHooks.remove(hook);
    }

    private synchronized void leave() {
        if (!left) {
            left = true;
            out.print(LEAVE);
            out.flush();
        }
    }
}
