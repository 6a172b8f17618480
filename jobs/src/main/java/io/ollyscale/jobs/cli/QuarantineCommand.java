package io.ollyscale.jobs.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What becomes of records that couldn't be stored. */
@Command(
        name = "quarantine",
        description = "Shows, replays and deletes records, or parts of them, that couldn't be stored.",
        subcommands = {
            QuarantineListCommand.class,
            QuarantineShowCommand.class,
            QuarantineReplayCommand.class,
            QuarantineDeleteCommand.class
        })
final class QuarantineCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "Say what to do: list, show, replay or delete");
    }
}
