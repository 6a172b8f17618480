package io.ollyscale.schema.otlp;

import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;

/**
 * Counts fields that this release's OTLP doesn't have. A <em>known</em> number among them has another wire type than the
 * specification's: a message of another signal, or garbage that happens to parse.
 */
final class UnknownFields {
    private long count;

    void check(Message message) throws RefusedRecordException {
        UnknownFieldSet unknown = message.getUnknownFields();
        if (unknown == UnknownFieldSet.getDefaultInstance()) {
            return;
        }
        for (int number : unknown.asMap().keySet()) {
            if (message.getDescriptorForType().findFieldByNumber(number) != null) {
                throw new RefusedRecordException(
                        RefusalReason.WRONG_SIGNAL,
                        message.getDescriptorForType().getFullName() + " has field " + number
                                + " with another wire type: a message of another signal?");
            }
            count++;
        }
    }

    /** More of them, found on the wire itself. */
    void add(int more) {
        count += more;
    }

    long count() {
        return count;
    }
}
