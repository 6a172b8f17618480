package io.ollyscale.faults.rounds;

import io.ollyscale.schema.policy.AttributeContext;
import io.ollyscale.schema.policy.ContextPolicy;
import io.ollyscale.schema.policy.PolicyFiles;
import io.ollyscale.schema.policy.PromotedKey;
import io.ollyscale.schema.testing.TestPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** {@link TestPolicy} as the files that the job reads. */
final class PolicyDirectory {
    private PolicyDirectory() {}

    static Path write(Path directory) throws IOException {
        StringBuilder promoted = new StringBuilder();
        StringBuilder dropped = new StringBuilder();
        for (AttributeContext context : AttributeContext.values()) {
            ContextPolicy policy = TestPolicy.POLICY.of(context);
            promoted.append(context.sectionName()).append(":\n");
            for (PromotedKey key : policy.promoted().values()) {
                promoted.append("  %s: {type: %s, indexed: %s}\n"
                        .formatted(key.key(), key.type().sqlName(), key.indexed()));
            }
            dropped.append(context.sectionName()).append(":\n");
            policy.dropped()
                    .entries()
                    .forEach(key -> dropped.append("  - ").append(key).append('\n'));
        }
        Files.createDirectories(directory);
        Files.writeString(directory.resolve(PolicyFiles.PROMOTED), promoted);
        Files.writeString(directory.resolve(PolicyFiles.DROPPED), dropped);
        return directory;
    }
}
