package io.ollyscale.schema.policy;

import java.util.Locale;

/** What an attribute describes; the policy files have a section for each. */
public enum AttributeContext {
    RESOURCE,
    SCOPE,
    SPAN,
    EVENT,
    LINK,
    LOG,
    METRIC,
    EXEMPLAR;

    /** The section's name. */
    public String sectionName() {
        return name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String toString() {
        return sectionName();
    }
}
