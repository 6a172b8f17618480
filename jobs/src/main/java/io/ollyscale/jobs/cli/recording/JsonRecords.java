package io.ollyscale.jobs.cli.recording;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.Message;
import io.ollyscale.schema.json.OtlpJson;
import io.ollyscale.schema.json.OtlpJsonException;
import io.ollyscale.schema.json.OtlpJsonWriter;
import io.ollyscale.schema.otlp.Signal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;

/** Makes protobuf of OTLP/JSON and OTLP/JSON of protobuf, and counts what JSON leaves out. Not for several threads. */
public final class JsonRecords {

    /** Deeper than the job stores by default, and not too deep for the stack. */
    static final int MAX_NESTING = 500;

    private static final OtlpJson JSON = new OtlpJson(MAX_NESTING);

    private final Signal signal;
    private long leftOut;

    public JsonRecords(Signal signal) {
        this.signal = signal;
    }

    /** Without the keys that no field of OTLP has. */
    public byte[] toProtobuf(byte[] json) throws OtlpJsonException {
        OtlpJson.Document<Message> document = JSON.parse(json, signal.message());
        leftOut += document.unknownKeys();
        return document.message().toByteArray();
    }

    /**
     * Without fields that this release doesn't know, and payloads of NaN.
     *
     * @throws com.google.protobuf.InvalidProtocolBufferException if it is no message of the signal
     */
    public byte[] toJson(byte[] record) throws IOException {
        CodedInputStream in = CodedInputStream.newInstance(record);
        in.setRecursionLimit(MAX_NESTING);
        Message message = signal.message().getParserForType().parseFrom(in, ExtensionRegistryLite.getEmptyRegistry());
        ByteArrayOutputStream json = new ByteArrayOutputStream(2 * record.length);
        leftOut += OtlpJsonWriter.write(message, json) + unknownFields(message);
        return json.toByteArray();
    }

    /** How many keys, fields and payloads of NaN were left out so far. */
    public long leftOut() {
        return leftOut;
    }

    private static long unknownFields(Object value) {
        if (value instanceof List<?> elements) {
            return elements.stream().mapToLong(JsonRecords::unknownFields).sum();
        }
        return value instanceof Message message
                ? message.getUnknownFields().asMap().size()
                        + message.getAllFields().values().stream()
                                .mapToLong(JsonRecords::unknownFields)
                                .sum()
                : 0;
    }
}
