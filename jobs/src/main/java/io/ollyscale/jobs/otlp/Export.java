package io.ollyscale.jobs.otlp;

import com.google.protobuf.Message;
import io.ollyscale.schema.json.OtlpJson;
import io.ollyscale.schema.json.OtlpJsonException;
import java.util.Optional;

/**
 * What a request exports.
 *
 * @param message protobuf; of no bytes where the request holds nothing
 * @param warning what its sender should know although all of it is taken
 */
record Export(byte[] message, Optional<String> warning) {

    /**
     * Memory of a parsed message and what belongs to it: 50 to 110 bytes were measured, and as much again is garbage. In a
     * request it takes three bytes, as an empty object.
     */
    private static final int BYTES_OF_MESSAGE = 200;

    /** Of a member, whose name the parser remembers. */
    private static final int BYTES_OF_MEMBER = 64;

    /** Of a byte of text: the parser's buffers, and the strings that it makes. */
    private static final int BYTES_OF_BYTE = 3;

    private static final OtlpJson JSON = new OtlpJson(ProtobufCheck.MAX_NESTING);

    /**
     * The bytes as they came.
     *
     * @throws RefusedRequestException if they are no message of the service
     */
    static Export ofProtobuf(OtlpService service, byte[] message) {
        ProtobufCheck.check(message, service.message().getDescriptorForType());
        return new Export(message, Optional.empty());
    }

    /** @throws RefusedRequestException if it is no OTLP/JSON of the service */
    static Export ofJson(OtlpService service, byte[] json, InFlight.Place place) {
        place.reserve(memoryOfParsing(json));
        try {
            OtlpJson.Document<Message> document = JSON.parse(json, service.message());
            place.reserve(document.message().getSerializedSize());
            return new Export(document.message().toByteArray(), warning(document.unknownKeys()));
        } catch (OtlpJsonException e) {
            throw RefusedRequestException.undecodable(
                    e.pointer(), "No OTLP/JSON of " + service + ": " + e.getMessage());
        }
    }

    /** Unlike protobuf's unknown fields, their values are lost: the sender should hear of it. */
    private static Optional<String> warning(int unknownKeys) {
        return unknownKeys == 0
                ? Optional.empty()
                : Optional.of("Keys that are no fields of OTLP 1.11 were left out (" + unknownKeys
                        + "); protobuf keeps them");
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
