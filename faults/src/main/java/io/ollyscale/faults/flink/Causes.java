package io.ollyscale.faults.flink;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The messages of a failure and its causes, outermost first. */
final class Causes {

    private static final String CAUSED_BY = "Caused by: ";

    private Causes() {}

    static String of(Throwable failure) {
        List<String> messages = new ArrayList<>();
        for (Throwable cause = failure; cause != null && messages.size() < 20; cause = cause.getCause()) {
            messages.add(cause.toString());
        }
        return String.join(" <- ", messages);
    }

    /** @param stackTrace as Java prints it */
    static String of(String stackTrace) {
        return stackTrace
                .lines()
                .filter(line -> !line.startsWith("\t") && !line.startsWith("    "))
                .map(line -> line.startsWith(CAUSED_BY) ? line.substring(CAUSED_BY.length()) : line)
                .collect(Collectors.joining(" <- "));
    }
}
