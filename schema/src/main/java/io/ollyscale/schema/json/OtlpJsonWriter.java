package io.ollyscale.schema.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Writes OTLP/JSON by the OTLP specification: one document on one line, in UTF-8. 64-bit integers are decimal strings, ids
 * lower-case hex, enums integers, other bytes base64. What is unset is left out, what is set is written: a member of a oneof
 * or an {@code optional} field with its default, a message without content as {@code {}}.
 *
 * <p>{@link OtlpJson} reads back the same message, but for what JSON has no form for: fields of unknown numbers, and the
 * payload of a NaN.
 */
public final class OtlpJsonWriter {

    private static final JsonFactory FACTORY = JsonFactory.builder()
            // The message is in memory already, as deep as it is.
            .streamWriteConstraints(StreamWriteConstraints.builder()
                    .maxNestingDepth(Integer.MAX_VALUE)
                    .build())
            .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
            .disable(StreamWriteFeature.FLUSH_PASSED_TO_STREAM)
            .build();

    private static final long NAN_BITS = Double.doubleToRawLongBits(Double.NaN);

    private final JsonGenerator json;
    private int nansWithPayload;

    private OtlpJsonWriter(JsonGenerator json) {
        this.json = json;
    }

    /** @param message of OTLP; its texts are valid Unicode, as those of a parsed message are */
    public static byte[] write(Message message) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(2 * message.getSerializedSize());
        try {
            write(message, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /**
     * Neither flushes nor closes the stream.
     *
     * @param message of OTLP; its texts are valid Unicode, as those of a parsed message are
     * @return how many NaNs lost their payload, that is, had other bits than Java's own
     */
    public static int write(Message message, OutputStream out) throws IOException {
        try (JsonGenerator json = FACTORY.createGenerator(out)) {
            OtlpJsonWriter writer = new OtlpJsonWriter(json);
            writer.object(message);
            return writer.nansWithPayload;
        }
    }

    private void object(Message message) throws IOException {
        json.writeStartObject();
        for (Map.Entry<FieldDescriptor, Object> member : message.getAllFields().entrySet()) {
            FieldDescriptor field = member.getKey();
            json.writeFieldName(field.getJsonName());
            if (field.isRepeated()) {
                json.writeStartArray();
                for (Object element : (List<?>) member.getValue()) {
                    value(field, element);
                }
                json.writeEndArray();
            } else {
                value(field, member.getValue());
            }
        }
        json.writeEndObject();
    }

    private void value(FieldDescriptor field, Object value) throws IOException {
        switch (field.getType()) {
            case MESSAGE -> object((Message) value);
            case STRING -> json.writeString((String) value);
            case BYTES -> bytes(field, (ByteString) value);
            case BOOL -> json.writeBoolean((boolean) value);
            case ENUM -> json.writeNumber(((EnumValueDescriptor) value).getNumber());
            case DOUBLE -> number((double) value);
            case INT32, SINT32, SFIXED32 -> json.writeNumber((int) value);
            case UINT32, FIXED32 -> json.writeNumber(Integer.toUnsignedLong((int) value));
            case INT64, SINT64, SFIXED64 -> json.writeString(Long.toString((long) value));
            case UINT64, FIXED64 -> json.writeString(Long.toUnsignedString((long) value));
            default -> throw new IllegalStateException("OTLP has no field of type " + field.getType());
        }
    }

    private void bytes(FieldDescriptor field, ByteString value) throws IOException {
        byte[] bytes = value.toByteArray();
        if (OtlpJson.isId(field)) {
            json.writeString(HexFormat.of().formatHex(bytes));
        } else {
            json.writeBinary(bytes);
        }
    }

    /** Jackson puts what is no number in quotes, as ProtoJSON wants it. */
    private void number(double value) throws IOException {
        if (Double.isNaN(value) && Double.doubleToRawLongBits(value) != NAN_BITS) {
            nansWithPayload++;
        }
        json.writeNumber(value);
    }
}
