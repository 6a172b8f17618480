package io.ollyscale.jobs.cli.recording;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.WireFormat;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.Signal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Tells a record's signal by what it holds. */
public final class SignalGuess {

    /** As many spans, log records or metrics are looked at. */
    private static final int SAMPLE = 100;

    /** The field of a record's envelopes, and that of theirs: the same in all signals. */
    private static final int[] PATH_TO_ITEMS = {1, 2, 2};

    private SignalGuess() {}

    /**
     * Guesses the signal of a record.
     *
     * @return empty where it holds nothing that tells, or what fits several or none
     * @throws IOException if it is broken
     */
    public static Optional<Signal> of(byte[] record, RecordEncoding encoding) throws IOException {
        return switch (encoding) {
            case OTLP_JSON -> ofJson(record);
            case OTLP_PROTO -> ofProtobuf(record);
        };
    }

    private static Optional<Signal> ofJson(byte[] document) throws IOException {
        try (JsonParser parser = new JsonFactory().createParser(document)) {
            parser.nextToken();
            for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
                for (Signal signal : Signal.values()) {
                    if (signal.jsonKey().equals(key)) {
                        return Optional.of(signal);
                    }
                }
                parser.nextToken();
                parser.skipChildren();
            }
            return Optional.empty();
        }
    }

    private static Optional<Signal> ofProtobuf(byte[] record) throws IOException {
        List<byte[]> items = new ArrayList<>();
        collectItems(CodedInputStream.newInstance(record), 0, items);
        List<Signal> fitting = Stream.of(Signal.values())
                .filter(signal -> items.stream().allMatch(item -> fits(item, signal)))
                .toList();
        return fitting.size() == 1 ? Optional.of(fitting.get(0)) : Optional.empty();
    }

    private static void collectItems(CodedInputStream in, int level, List<byte[]> items) throws IOException {
        for (int tag = in.readTag(); tag != 0 && items.size() < SAMPLE; tag = in.readTag()) {
            boolean onPath = WireFormat.getTagFieldNumber(tag) == PATH_TO_ITEMS[level]
                    && WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
            if (!onPath) {
                in.skipField(tag);
                continue;
            }
            byte[] nested = in.readByteArray();
            if (level == PATH_TO_ITEMS.length - 1) {
                items.add(nested);
            } else {
                collectItems(CodedInputStream.newInstance(nested), level + 1, items);
            }
        }
    }

    /** A field of another type than the signal's is an unknown field to the parser. */
    private static boolean fits(byte[] item, Signal signal) {
        try {
            CodedInputStream in = CodedInputStream.newInstance(item);
            in.setRecursionLimit(JsonRecords.MAX_NESTING);
            Message parsed = item(signal).mergeFrom(in).build();
            return parsed.getUnknownFields().asMap().isEmpty();
        } catch (InvalidProtocolBufferException e) {
            return false;
        } catch (IOException e) {
            throw new IllegalStateException("reading from an array fails in no other way", e);
        }
    }

    /** A span, log record or metric without content. */
    private static Message.Builder item(Signal signal) {
        Message.Builder message = signal.message().newBuilderForType();
        for (int number : PATH_TO_ITEMS) {
            message = message.newBuilderForField(message.getDescriptorForType().findFieldByNumber(number));
        }
        return message;
    }
}
