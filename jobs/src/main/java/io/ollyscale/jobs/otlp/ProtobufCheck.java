package io.ollyscale.jobs.otlp;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.WireFormat;
import java.io.IOException;

/**
 * Whether bytes are a message, found out without making its objects: two bytes on the wire can be one of a hundred in
 * memory. Stricter than protobuf's parser in one thing: a known field of another wire type is no unknown field, but another
 * signal's message. Fields that this release doesn't know are fine.
 */
final class ProtobufCheck {

    /** For the stack's sake, and deeper than the job reads. */
    static final int MAX_NESTING = 500;

    private final CodedInputStream input;
    private Descriptor current;
    private int messages;
    private int unknownFields;

    private ProtobufCheck(byte[] message) {
        input = UnsafeByteOperations.unsafeWrap(message).newCodedInput();
        // Strings are looked at, not copied.
        input.enableAliasing(true);
    }

    /** @throws RefusedRequestException if it is none */
    static ProtobufCheck check(byte[] message, Descriptor type) {
        ProtobufCheck check = new ProtobufCheck(message);
        try {
            check.walk(type, MAX_NESTING);
            return check;
        } catch (InvalidProtocolBufferException e) {
            throw check.refusal(e.getMessage());
        } catch (IOException e) {
            throw new IllegalStateException("reading from an array fails in no other way", e);
        }
    }

    /** How many messages it holds, and fields that this release doesn't know. */
    int objects() {
        return messages + unknownFields;
    }

    /** How many fields it holds that this release doesn't know. */
    int unknownFields() {
        return unknownFields;
    }

    private void walk(Descriptor type, int depth) throws IOException {
        current = type;
        for (int tag = input.readTag(); tag != 0; tag = input.readTag()) {
            FieldDescriptor field = type.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
            if (field != null) {
                value(field, tag, depth);
                current = type;
            } else if (!skip(tag)) {
                throw refusal("it ends a group that never began");
            } else {
                unknownFields++;
            }
        }
    }

    private void value(FieldDescriptor field, int tag, int depth) throws IOException {
        int wireType = WireFormat.getTagWireType(tag);
        int ownWireType = field.getLiteType().getWireType();
        boolean packed = field.isPackable() && wireType == WireFormat.WIRETYPE_LENGTH_DELIMITED;
        if (!packed && wireType != ownWireType) {
            throw refusal("field " + field.getNumber() + " has another wire type: another signal's message?");
        }
        if (packed) {
            int outer = input.pushLimit(input.readRawVarint32());
            while (input.getBytesUntilLimit() > 0) {
                skip(field.getNumber() << 3 | ownWireType);
            }
            input.popLimit(outer);
        } else if (field.getType() == FieldDescriptor.Type.MESSAGE) {
            if (depth == 0) {
                throw refusal("messages are nested more than " + MAX_NESTING + " deep");
            }
            messages++;
            int outer = input.pushLimit(input.readRawVarint32());
            walk(field.getMessageType(), depth - 1);
            input.popLimit(outer);
        } else if (field.getType() == FieldDescriptor.Type.STRING) {
            if (!input.readBytes().isValidUtf8()) {
                throw refusal("field " + field.getNumber() + " isn't UTF-8");
            }
        } else {
            skip(tag);
        }
    }

    /** @return whether it was a field, and not the end of a group */
    private boolean skip(int tag) throws IOException {
        if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_VARINT) {
            // The library is stricter with the tenth byte of a varint that it skips than of one that it reads.
            input.readRawVarint64();
            return true;
        }
        return input.skipField(tag);
    }

    private RefusedRequestException refusal(String reason) {
        return RefusedRequestException.undecodable(
                current.getFullName(),
                "Not the protobuf message that this service takes; in " + current.getFullName() + ", byte "
                        + input.getTotalBytesRead() + ": " + reason);
    }
}
