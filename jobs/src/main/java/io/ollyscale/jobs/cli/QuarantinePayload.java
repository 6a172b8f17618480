package io.ollyscale.jobs.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.InvalidProtocolBufferException;
import io.ollyscale.schema.json.OtlpJsonWriter;
import io.ollyscale.schema.otlp.Signal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/** A quarantined record's bytes as people can read them. */
final class QuarantinePayload {

    /** Objects take many times the bytes that they are made of: a span without fields, of two bytes, over a hundred. */
    static final int LARGEST_DECODED = 4_000_000;

    private static final int BYTES_OF_LINE = 16;

    /** Two documents, one behind the other, aren't one. */
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private QuarantinePayload() {}

    /**
     * The bytes as JSON: as they came if they are, as OTLP/JSON if they are protobuf; empty for everything else, and for
     * more than {@link #LARGEST_DECODED}.
     */
    static Optional<String> json(String signal, byte[] payload) {
        if (payload.length > LARGEST_DECODED) {
            return Optional.empty();
        }
        Optional<String> text = text(payload).filter(QuarantinePayload::isJsonObject);
        return text.isPresent() ? text : ofProtobuf(signal, payload);
    }

    /** Empty unless the bytes are UTF-8. */
    static Optional<String> text(byte[] bytes) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    /** Sixteen bytes a line, with their place and what of them is ASCII. */
    static String hexDump(byte[] bytes, int length) {
        StringBuilder dump = new StringBuilder();
        int end = Math.min(bytes.length, length);
        for (int line = 0; line < end; line += BYTES_OF_LINE) {
            StringBuilder hex = new StringBuilder();
            StringBuilder ascii = new StringBuilder();
            for (int i = line; i < Math.min(end, line + BYTES_OF_LINE); i++) {
                hex.append(String.format(Locale.ROOT, i % BYTES_OF_LINE == 8 ? "  %02x" : " %02x", bytes[i]));
                ascii.append(bytes[i] >= ' ' && bytes[i] <= '~' ? (char) bytes[i] : '.');
            }
            dump.append(String.format(Locale.ROOT, "%08x %-49s  %s%n", line, hex, ascii));
        }
        return dump.toString();
    }

    private static boolean isJsonObject(String text) {
        try {
            return text.stripLeading().startsWith("{") && JSON.readTree(text).isObject();
        } catch (JsonProcessingException e) {
            return false;
        }
    }

    private static Optional<String> ofProtobuf(String signal, byte[] payload) {
        try {
            return Optional.of(new String(
                    OtlpJsonWriter.write(Signal.valueOf(signal.toUpperCase(Locale.ROOT))
                            .message()
                            .getParserForType()
                            .parseFrom(payload)),
                    StandardCharsets.UTF_8));
        } catch (InvalidProtocolBufferException e) {
            return Optional.empty();
        }
    }
}
