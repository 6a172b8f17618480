package io.ollyscale.faults.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs a program of the system to its end. */
final class Command {

    private Command() {}

    /** @throws IOException if it can't be run or fails, with what it said */
    static void run(String... commandLine) throws IOException {
        Process process =
                new ProcessBuilder(commandLine).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            int status = process.waitFor();
            if (status != 0) {
                throw new IOException(List.of(commandLine) + " ends with status " + status + ": " + output.strip());
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while running " + List.of(commandLine), e);
        }
    }
}
