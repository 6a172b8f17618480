package io.ollyscale.schema.otlp;

import java.util.Locale;

/** What a dimension describes. */
public enum DimensionKind {
    RESOURCE(true),
    SCOPE(true),
    SERVICE(false),
    /** A service's spans of one name and kind. Names are free text, so only so many of a service get a row. */
    OPERATION(false),
    /** A metric without its points. Its metadata is no matter of the policy. */
    METRIC(false),
    /** The points of one metric, resource, scope and set of attributes. */
    SERIES(true);

    private final String sqlName = name().toLowerCase(Locale.ROOT);
    private final boolean hasAttributes;

    DimensionKind(boolean hasAttributes) {
        this.hasAttributes = hasAttributes;
    }

    /** As the procedure {@code otel.upsert_dimension} calls it. */
    public String sqlName() {
        return sqlName;
    }

    /** Whether the attribute policy has a say in what is written of it. */
    public boolean hasAttributes() {
        return hasAttributes;
    }
}
