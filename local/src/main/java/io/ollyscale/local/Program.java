package io.ollyscale.local;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs a program to its end. */
final class Program {

    /** One that every user can enter: PostgreSQL's programs may run as another. */
    static final File WORKING_DIRECTORY = new File("/");

    private Program() {}

    /**
     * @param status the program's exit status
     * @param output what it wrote to both its outputs
     */
    record Result(int status, String output) {}

    /** @throws IOException if the program can't be started at all */
    static Result run(List<String> commandLine) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(commandLine).redirectErrorStream(true).directory(WORKING_DIRECTORY);
        // Settings that would change what PostgreSQL's programs do, or the language that they answer in.
        builder.environment().keySet().removeIf(name -> name.startsWith("PG") || name.startsWith("LC_"));
        builder.environment().put("LC_ALL", "C");
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            return new Result(process.waitFor(), output);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalStackException("Interrupted while running " + commandLine, e);
        }
    }
}
