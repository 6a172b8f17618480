package io.ollyscale.jobs.cli.doctor;

import io.ollyscale.schema.policy.AttributePolicy;
import io.ollyscale.schema.policy.PolicyException;
import io.ollyscale.schema.policy.PolicyFiles;
import java.nio.file.Path;
import java.util.List;

/**
 * The attribute policy's files.
 *
 * @param directory where they are
 */
public record PolicyChecks(Path directory) implements Checks {

    @Override
    public List<Check> all() {
        return List.of(new Check("Policy files", this::files));
    }

    private Verdict files() throws PolicyException {
        AttributePolicy policy = PolicyFiles.read(directory);
        return Verdict.ok(directory + ": " + policy.promotedKeys().size() + " promoted keys");
    }

    @Override
    public void close() {}
}
