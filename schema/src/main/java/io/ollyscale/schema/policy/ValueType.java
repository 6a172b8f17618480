package io.ollyscale.schema.policy;

/** The types that an attribute can be promoted with; {@code attribute_keys.value_type} has the lower-case names. */
public enum ValueType {
    STRING("string"),
    INT("int"),
    DOUBLE("double"),
    BOOL("bool"),
    BYTES("bytes");

    private final String sqlName;

    ValueType(String sqlName) {
        this.sqlName = sqlName;
    }

    /** Null where no type has this name. */
    static ValueType ofSqlName(Object name) {
        for (ValueType type : values()) {
            if (type.sqlName.equals(name)) {
                return type;
            }
        }
        return null;
    }

    public String sqlName() {
        return sqlName;
    }
}
