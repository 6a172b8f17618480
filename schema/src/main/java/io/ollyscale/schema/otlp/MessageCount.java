package io.ollyscale.schema.otlp;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts the messages, unknown fields and numbers of lists of a record on the wire, before anything is made of them: a
 * message costs its sender as little as two bytes, a number one.
 */
final class MessageCount {

    /** A record of this size can't hold more messages than any limit allows: two bytes each. */
    private static final int BYTES_OF_A_MESSAGE = 2;

    /** In a row, as an element of an array; in a message up to 20 while the list grows. */
    static final int BYTES_OF_A_NUMBER = 12;

    private static final Map<Descriptor, Fields> FIELDS = new ConcurrentHashMap<>();

    /**
     * A message type's fields by number.
     *
     * @param known whether there is one
     * @param messages its type where it is a message
     * @param numbers bytes of an element at least, where it is a list of numbers; else 0
     */
    private record Fields(boolean[] known, Descriptor[] messages, int[] numbers) {

        static Fields of(Descriptor type) {
            int highest = type.getFields().stream()
                    .mapToInt(FieldDescriptor::getNumber)
                    .max()
                    .orElse(0);
            Fields fields = new Fields(new boolean[highest + 1], new Descriptor[highest + 1], new int[highest + 1]);
            for (FieldDescriptor field : type.getFields()) {
                fields.known[field.getNumber()] = true;
                if (field.isPackable()) {
                    boolean fixed = switch (field.getType()) {
                        case DOUBLE, FIXED64, SFIXED64 -> true;
                        default -> false;
                    };
                    fields.numbers[field.getNumber()] = fixed ? Long.BYTES : 1;
                }
                if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                    fields.messages[field.getNumber()] = field.getMessageType();
                }
            }
            return fields;
        }

        boolean knows(int number) {
            return number < known.length && known[number];
        }
    }

    private final int limit;
    private final long mostNumbers;
    private int count;
    private long numbers;

    private MessageCount(DecodingLimits limits) {
        limit = limits.messages();
        mostNumbers = limits.rowBytes() / BYTES_OF_A_NUMBER;
    }

    private boolean isOver() {
        return count > limit || numbers > mostNumbers;
    }

    /** Refuses a record of too many messages. One that is broken is left to the parser. */
    static void check(byte[] record, Descriptor type, DecodingLimits limits) throws RefusedRecordException {
        if (record.length / BYTES_OF_A_MESSAGE <= limits.messages()
                && record.length <= limits.rowBytes() / BYTES_OF_A_NUMBER) {
            return;
        }
        MessageCount messages = new MessageCount(limits);
        try {
            messages.walk(CodedInputStream.newInstance(record), type, limits.messageDepth());
        } catch (InvalidProtocolBufferException e) {
            return;
        } catch (IOException e) {
            throw new IllegalStateException("reading from an array fails in no other way", e);
        }
        if (messages.isOver()) {
            throw new RefusedRecordException(
                    RefusalReason.TOO_LARGE,
                    "it holds more than " + limits.messages() + " messages and unknown fields, or numbers than rows of "
                            + limits.rowBytes() + " bytes hold");
        }
    }

    private void walk(CodedInputStream input, Descriptor type, int depth) throws IOException {
        Fields fields = FIELDS.computeIfAbsent(type, Fields::of);
        for (int tag = input.readTag(); tag != 0 && !isOver(); tag = input.readTag()) {
            int number = WireFormat.getTagFieldNumber(tag);
            Descriptor message = fields.knows(number)
                            && depth > 0
                            && WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED
                    ? fields.messages()[number]
                    : null;
            if (message == null) {
                count += fields.knows(number) ? 0 : 1;
                int from = input.getTotalBytesRead();
                input.skipField(tag);
                if (fields.knows(number) && fields.numbers()[number] > 0) {
                    boolean packed = WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
                    numbers += packed ? (input.getTotalBytesRead() - from) / fields.numbers()[number] : 1;
                }
                continue;
            }
            count++;
            int outer = input.pushLimit(input.readRawVarint32());
            walk(input, message, depth - 1);
            if (isOver()) {
                return;
            }
            input.popLimit(outer);
        }
    }
}
