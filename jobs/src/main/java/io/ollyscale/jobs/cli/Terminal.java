package io.ollyscale.jobs.cli;

import java.io.Console;
import java.lang.reflect.InvocationTargetException;
import java.util.OptionalInt;
import picocli.CommandLine.Model.CommandSpec;

/** What this process's output goes to. */
final class Terminal {

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
}
