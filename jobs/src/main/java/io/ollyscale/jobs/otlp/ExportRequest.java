package io.ollyscale.jobs.otlp;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.Message;
import io.ollyscale.schema.json.OtlpJson;
import io.ollyscale.schema.json.OtlpJsonException;
import io.ollyscale.schema.json.OtlpJsonWriter;
import io.ollyscale.schema.otlp.RecordEncoding;
import java.io.IOException;
import java.util.Optional;

/**
 * What a request exports.
 *
 * @param record as its topic wants it; of no bytes where the request holds nothing
 * @param warning what its sender should know although all of it is taken
 */
record ExportRequest(byte[] record, Optional<String> warning) {

    /**
     * Memory of a parsed message and what belongs to it: 50 to 110 bytes were measured, and as much again is garbage. In a
     * request it takes two bytes, or three in JSON, as an empty object.
     */
    private static final int BYTES_OF_MESSAGE = 200;

    /** Of a member, whose name the parser remembers. */
    private static final int BYTES_OF_MEMBER = 64;

    /** Of a byte of text: the parser's buffers, and the strings that it makes. */
    private static final int BYTES_OF_BYTE = 3;

    private static final OtlpJson JSON = new OtlpJson(ProtobufCheck.MAX_NESTING);

    /**
     * The bytes as they came, for a topic of protobuf.
     *
     * @throws RefusedRequestException if they are no message of the service
     */
    static ExportRequest ofProtobuf(OtlpService service, byte[] message, InFlight.Place place) {
        ProtobufCheck check =
                ProtobufCheck.check(message, service.signal().message().getDescriptorForType());
        if (service.encoding() == RecordEncoding.OTLP_PROTO) {
            return new ExportRequest(message, Optional.empty());
        }
        place.reserve((long) BYTES_OF_BYTE * message.length + (long) BYTES_OF_MESSAGE * check.objects());
        return json(parsed(service, message), check.unknownFields(), place);
    }

    /** @throws RefusedRequestException if it is no OTLP/JSON of the service */
    static ExportRequest ofJson(OtlpService service, byte[] json, InFlight.Place place) {
        place.reserve(memoryOfParsing(json));
        OtlpJson.Document<Message> document;
        try {
            document = JSON.parse(json, service.signal().message());
        } catch (OtlpJsonException e) {
            throw RefusedRequestException.undecodable(
                    e.pointer(), "No OTLP/JSON of " + service.signal() + ": " + e.getMessage());
        }
        if (service.encoding() == RecordEncoding.OTLP_JSON) {
            return json(document.message(), document.unknownKeys(), place);
        }
        place.reserve(document.message().getSerializedSize());
        return new ExportRequest(document.message().toByteArray(), warning(document.unknownKeys()));
    }

    /** @param leftOut how much of the request isn't in the message */
    private static ExportRequest json(Message message, int leftOut, InFlight.Place place) {
        if (message.getSerializedSize() == 0) {
            return new ExportRequest(new byte[0], warning(leftOut));
        }
        ReservingOutput json = new ReservingOutput(place);
        try {
            int nansWithPayload = OtlpJsonWriter.write(message, json);
            return new ExportRequest(json.bytes(), warning(leftOut + nansWithPayload));
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory fails in no other way", e);
        }
    }

    private static Message parsed(OtlpService service, byte[] message) {
        CodedInputStream input = CodedInputStream.newInstance(message);
        input.setRecursionLimit(ProtobufCheck.MAX_NESTING);
        try {
            return service.signal()
                    .message()
                    .getParserForType()
                    .parseFrom(input, ExtensionRegistryLite.getEmptyRegistry());
        } catch (IOException e) {
            throw new IllegalStateException("this message was checked before", e);
        }
    }

    /** JSON is read without what it has no fields for, and written without what it has no form for. */
    private static Optional<String> warning(int leftOut) {
        return leftOut == 0
                ? Optional.empty()
                : Optional.of("Left out because of JSON (" + leftOut
                        + "): keys or fields that OTLP 1.11 doesn't have, or payloads of NaN; protobuf keeps them");
    }

    /** Of a document, if it is one. */
    private static long memoryOfParsing(byte[] json) {
        long memory = (long) BYTES_OF_BYTE * json.length;
        boolean inString = false;
        for (int i = 0; i < json.length; i++) {
            byte b = json[i];
            if (b == '"') {
                inString = !inString;
            } else if (inString && b == '\\') {
                i++;
            } else if (!inString && b == '{') {
                memory += BYTES_OF_MESSAGE;
            } else if (!inString && b == ':') {
                memory += BYTES_OF_MEMBER;
            }
        }
        return memory;
    }
}
