package io.ollyscale.functions.policy;

import io.ollyscale.schema.policy.AttributePolicy;
import io.ollyscale.schema.policy.PromotedKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Makes a policy known to the database: ids for its keys, and a version where it differs from the last one. */
public final class PolicyRegistry {
    private PolicyRegistry() {}

    /**
     * Begins a transaction and lets nobody else register a policy before its end: what is read from now on isn't older than what
     * was registered.
     *
     * @param connection in autocommit mode
     */
    static void lock(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        keyIds(connection, List.of());
    }

    /**
     * Registers the policy and returns it with its version and the ids of its keys. May be repeated, and done by several at once.
     *
     * @param connection in autocommit mode, or {@link #lock locked}; is in autocommit mode after it, but after a failure it has an open transaction and is of no more use
     */
    public static AttributePolicy register(Connection connection, AttributePolicy policy) throws SQLException {
        connection.setAutoCommit(false);
        // Takes the lock that all who register wait for, up to the end of the transaction: two versions with one
        // content would
        // otherwise come of two that find it missing.
        Map<String, Integer> ids = keyIds(connection, policy.promotedKeys());
        AttributePolicy registered = policy.registered(version(connection, policy), key -> ids.get(name(key)));
        connection.commit();
        connection.setAutoCommit(true);
        return registered;
    }

    /** Of the policy that was registered last, if it has this content; otherwise of a new one. */
    private static long version(Connection connection, AttributePolicy policy) throws SQLException {
        // A policy is a version only where it changes something.
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO otel.attribute_policy (content)
                SELECT ?::jsonb
                WHERE ?::jsonb IS DISTINCT FROM
                    (SELECT content FROM otel.attribute_policy ORDER BY version DESC LIMIT 1)
                """)) {
            statement.setString(1, policy.toJson());
            statement.setString(2, policy.toJson());
            statement.executeUpdate();
        }
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT version FROM otel.attribute_policy WHERE content = ?::jsonb ORDER BY version DESC LIMIT 1")) {
            statement.setString(1, policy.toJson());
            try (ResultSet result = statement.executeQuery()) {
                result.next();
                return result.getLong(1);
            }
        }
    }

    private static Map<String, Integer> keyIds(Connection connection, List<PromotedKey> keys) throws SQLException {
        Map<String, Integer> ids = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT key, value_type, key_id FROM otel.register_attribute_keys(?, ?, ?)")) {
            statement.setArray(
                    1,
                    connection.createArrayOf(
                            "text", keys.stream().map(PromotedKey::key).toArray()));
            statement.setArray(
                    2,
                    connection.createArrayOf(
                            "text",
                            keys.stream().map(key -> key.type().sqlName()).toArray()));
            statement.setArray(
                    3,
                    connection.createArrayOf(
                            "boolean", keys.stream().map(PromotedKey::indexed).toArray()));
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    ids.put(result.getString("value_type") + ' ' + result.getString("key"), result.getInt("key_id"));
                }
            }
        }
        return ids;
    }

    private static String name(PromotedKey key) {
        return key.type().sqlName() + ' ' + key.key();
    }
}
