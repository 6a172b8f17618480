package io.ollyscale.functions.policy;

import io.ollyscale.functions.postgres.PostgresConnection;
import io.ollyscale.schema.policy.AttributePolicy;
import io.ollyscale.schema.policy.PolicyException;
import io.ollyscale.schema.policy.PolicyFiles;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/** The attribute policy's files, looked at from time to time. Not for several threads. */
final class WatchedPolicy {
    private final Path directory;
    private final PostgresConnection postgres;

    /** Null before the first look. */
    private PolicyFiles.Texts registered;

    WatchedPolicy(Path directory, PostgresConnection postgres) {
        this.directory = directory;
        this.postgres = postgres;
    }

    /**
     * What the files say, registered, if they say something else than at the last look that succeeded. The first look always
     * tells: whoever asked before may have read other files.
     */
    Optional<AttributePolicy> look() throws PolicyException, SQLException {
        PolicyFiles.Texts now = PolicyFiles.texts(directory);
        if (now.equals(registered)) {
            return Optional.empty();
        }
        // Whoever can't follow it needs no session.
        PolicyFiles.parse(now);
        try (Connection connection = postgres.open("policy")) {
            // Other signals of the job watch the same files: one that waits here may wait while they change again.
            PolicyRegistry.lock(connection);
            now = PolicyFiles.texts(directory);
            AttributePolicy policy = PolicyRegistry.register(connection, PolicyFiles.parse(now));
            registered = now;
            return Optional.of(policy);
        }
    }

    @Override
    public String toString() {
        return "the attribute policy in " + directory;
    }
}
