package io.ollyscale.schema.otlp;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import java.util.List;

/** Tells a message of another signal from garbage, for a record that was refused. */
final class OtherSignals {
    private OtherSignals() {}

    /**
     * The signal as which the record is valid to its last field; null if there is none.
     *
     * @param refusedAs the one that it isn't
     */
    static Signal find(Signal refusedAs, byte[] record, DecodingLimits limits) {
        for (Signal signal : Signal.values()) {
            if (signal != refusedAs && isOf(signal.message(), record, limits)) {
                return signal;
            }
        }
        return null;
    }

    private static boolean isOf(Message signal, byte[] record, DecodingLimits limits) {
        CodedInputStream input = CodedInputStream.newInstance(record);
        input.setRecursionLimit(limits.messageDepth());
        try {
            MessageCount.check(record, signal.getDescriptorForType(), limits);
            return isKnown(signal.getParserForType().parseFrom(input, ExtensionRegistryLite.getEmptyRegistry()));
        } catch (RefusedRecordException | InvalidProtocolBufferException e) {
            return false;
        }
    }

    private static boolean isKnown(Object value) {
        if (value instanceof List<?> elements) {
            return elements.stream().allMatch(OtherSignals::isKnown);
        }
        return !(value instanceof Message message)
                || (message.getUnknownFields().asMap().isEmpty()
                        && message.getAllFields().values().stream().allMatch(OtherSignals::isKnown));
    }
}
