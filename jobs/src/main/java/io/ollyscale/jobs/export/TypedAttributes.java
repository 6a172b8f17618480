package io.ollyscale.jobs.export;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads promoted attributes: those of one context from its five tables at once. Not for several threads. */
final class TypedAttributes {

    /** A type's values in the binary form that is told by it. */
    private enum Type {
        STRING("string", "textsend(value)") {
            @Override
            void set(AnyValue.Builder any, ByteString value) {
                any.setStringValueBytes(value);
            }
        },
        INT("int", "int8send(value)") {
            @Override
            void set(AnyValue.Builder any, ByteString value) {
                any.setIntValue(buffer(value).getLong());
            }
        },
        DOUBLE("double", "float8send(value)") {
            @Override
            void set(AnyValue.Builder any, ByteString value) {
                any.setDoubleValue(buffer(value).getDouble());
            }
        },
        BOOL("bool", "boolsend(value)") {
            @Override
            void set(AnyValue.Builder any, ByteString value) {
                any.setBoolValue(value.byteAt(0) != 0);
            }
        },
        BYTES("bytes", "value") {
            @Override
            void set(AnyValue.Builder any, ByteString value) {
                any.setBytesValue(value);
            }
        };

        private final String table;
        private final String value;

        Type(String table, String value) {
            this.table = table;
            this.value = value;
        }

        abstract void set(AnyValue.Builder any, ByteString value);

        private static ByteBuffer buffer(ByteString value) {
            return value.asReadOnlyByteBuffer();
        }
    }

    private final Rows rows;
    private final Map<Integer, String> keys;

    TypedAttributes(Connection connection, Rows rows) throws SQLException {
        this.rows = rows;
        this.keys = keys(connection);
    }

    private static Map<Integer, String> keys(Connection connection) throws SQLException {
        Map<Integer, String> keys = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement("SELECT key_id, key FROM otel.attribute_keys");
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                keys.put(row.getInt(1), row.getString(2));
            }
        }
        return keys;
    }

    /**
     * Of facts and their parts.
     *
     * @param context as the tables' names begin: {@code span}, {@code log}
     * @param owners who takes the attributes, by the id of the row that they describe
     */
    void ofFacts(String context, Map<Long, Consumer<KeyValue>> owners) throws SQLException {
        String union = union(context, "parent_id");
        rows.childrenOfFacts(
                "SELECT parent_id, key_id, type, value FROM (" + union + ") AS a",
                owners.keySet(),
                "",
                row -> read(row, "parent_id", owners));
    }

    /** Of dimensions: the same, with the owner's column. */
    void ofDimensions(String context, String ownerColumn, Map<Long, Consumer<KeyValue>> owners) throws SQLException {
        String union = union(context, ownerColumn);
        rows.ofDimensions(
                "SELECT " + ownerColumn + ", key_id, type, value FROM (" + union + ") AS a WHERE " + ownerColumn,
                owners.keySet(),
                row -> read(row, ownerColumn, owners));
    }

    /** PostgreSQL pushes conditions on it down into each table. */
    private static String union(String context, String ownerColumn) {
        return Stream.of(Type.values())
                .map(type -> "SELECT " + ownerColumn + ", key_id, " + type.ordinal() + " AS type, " + type.value
                        + " AS value FROM otel." + context + "_attrs_" + type.table)
                .collect(Collectors.joining(" UNION ALL "));
    }

    private void read(Row row, String ownerColumn, Map<Long, Consumer<KeyValue>> owners) throws SQLException {
        int keyId = row.int32("key_id");
        String key = keys.get(keyId);
        if (key == null) {
            throw new IllegalStateException("otel.attribute_keys has no key_id " + keyId);
        }
        KeyValue.Builder attribute = KeyValue.newBuilder().setKey(key);
        Type.values()[row.int32("type")].set(attribute.getValueBuilder(), row.bytes("value"));
        owners.get(row.int64(ownerColumn)).accept(attribute.build());
    }
}
