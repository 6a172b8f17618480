package io.ollyscale.jobs.export;

import com.google.protobuf.Message;

/**
 * What units are in: a resource or a scope with its schema URL, or a metric without points.
 *
 * @param id null for {@link #unknown}
 * @param message null where a resource or scope is absent
 * @param schemaUrl empty for a metric
 */
record Envelope(Long id, Message message, String schemaUrl) {

    /** In the place of one that isn't there. */
    static Envelope unknown(Message message) {
        return new Envelope(null, message, "");
    }

    /** In bytes. */
    int size() {
        return schemaUrl.length() + (message == null ? 0 : message.getSerializedSize());
    }
}
