package io.ollyscale.jobs.cli;

import java.io.Console;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;

/** What this process's output goes to. */
final class Terminal {

    /** A terminal that doesn't know says 0. */
    private static final Pattern SIZE = Pattern.compile("([1-9][0-9]{0,4}) ([1-9][0-9]{0,4})");

    /** In characters. */
    record Extent(int rows, int columns) {}

    private Terminal() {}

    /** Whether a person sees the output; false for a pipe or a file. */
    static boolean isPresent() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        // From JDK 22 on there is a console without a terminal too, and a method that tells.
        try {
            return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException e) {
            return true;
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Columns; empty without a terminal. */
    static OptionalInt width() {
        return isPresent()
                ? OptionalInt.of(
                        CommandSpec.create().usageMessage().autoWidth(true).width())
                : OptionalInt.empty();
    }

    /** How much it shows at this moment; empty without a terminal, or one that doesn't say. */
    static Optional<Extent> extent() {
        if (!isPresent()) {
            return Optional.empty();
        }
        ProcessBuilder stty = new ProcessBuilder("stty", "size").redirectInput(ProcessBuilder.Redirect.INHERIT);
        try {
            String answer = new String(stty.start().getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            Matcher size = SIZE.matcher(answer.strip());
            return size.matches()
                    ? Optional.of(new Extent(Integer.parseInt(size.group(1)), Integer.parseInt(size.group(2))))
                    : Optional.empty();
        } catch (IOException e) {
            // There is no stty.
            return Optional.empty();
        }
    }
}
