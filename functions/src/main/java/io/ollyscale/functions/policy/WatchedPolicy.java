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
        AttributePolicy policy = PolicyFiles.parse(now);
        try (Connection connection = postgres.open("policy")) {
            policy = PolicyRegistry.register(connection, policy);
        }
        registered = now;
        return Optional.of(policy);
    }

    @Override
    public String toString() {
        return "the attribute policy in " + directory;
    }
}
