package io.ollyscale.schema.otlp;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.ollyscale.schema.json.OtlpJson;
import io.ollyscale.schema.json.OtlpJsonException;
import io.ollyscale.schema.json.OtlpJsonWriter;
import java.io.IOException;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Cuts single units out of a record, so that only what PostgreSQL refuses goes to quarantine. */
public final class RecordExcerpt {

    /** Number of the list of points in every type of a metric's data. */
    private static final int DATA_POINTS = 1;

    private final Signal signal;
    private final List<UnitRange> parts;
    private int unit;

    /** Of the first part that doesn't end before the unit. */
    private int next;

    private RecordExcerpt(Signal signal, List<UnitRange> parts) {
        this.signal = signal;
        this.parts = parts;
    }

    /**
     * Reads the record once, and writes a part's message when it is asked for: each has its resource, of whatever size.
     *
     * @param record a record that a {@link RecordEncoder} of the same signal and encoding accepted
     * @param parts units by their position in the record: ascending, disjoint, none empty, none beyond its end
     * @return a message for each part, in the record's encoding: its units with their resources, scopes and metrics. What
     *     OTLP/JSON has under unknown keys is not in them.
     */
    public static Stream<byte[]> of(Signal signal, RecordEncoding encoding, byte[] record, List<UnitRange> parts) {
        Message all = parse(signal, encoding, record);
        return new RecordExcerpt(signal, parts)
                .cut(all, 0).values().stream().map(Message.Builder::build).map(excerpt -> switch (encoding) {
                    case OTLP_PROTO -> excerpt.toByteArray();
                    case OTLP_JSON -> OtlpJsonWriter.write(excerpt);
                });
    }

    private static Message parse(Signal signal, RecordEncoding encoding, byte[] record) {
        try {
            switch (encoding) {
                case OTLP_PROTO -> {
                    CodedInputStream input = CodedInputStream.newInstance(record);
                    input.setRecursionLimit(Integer.MAX_VALUE);
                    return signal.message().getParserForType().parseFrom(input);
                }
                case OTLP_JSON -> {
                    return new OtlpJson(Integer.MAX_VALUE / 4)
                            .parse(record, signal.message())
                            .message();
                }
            }
            throw new IllegalStateException("another encoding: " + encoding);
        } catch (IOException | OtlpJsonException e) {
            throw new IllegalArgumentException("the record was accepted before", e);
        }
    }

    /**
     * What each part has of a message, by the part's number; nothing for those without units in it.
     *
     * @param level 0 for the record, then its resources, scopes, and a metric and its data
     */
    private SortedMap<Integer, Message.Builder> cut(Message message, int level) {
        SortedMap<Integer, Message.Builder> excerpts = new TreeMap<>();
        FieldDescriptor content = content(message, level);
        if (content == null) {
            return excerpts;
        }
        if (!content.isRepeated()) {
            cut((Message) message.getField(content), level + 1)
                    .forEach((part, inner) ->
                            excerpts.put(part, message.toBuilder().setField(content, inner.build())));
            return excerpts;
        }
        int count = message.getRepeatedFieldCount(content);
        for (int i = 0; i < count; i++) {
            Message element = (Message) message.getRepeatedField(content, i);
            if (!holdsUnits(level)) {
                cut(element, level + 1).forEach((part, inner) -> add(excerpts, part, message, content, inner.build()));
            } else if (isWanted(unit++)) {
                add(excerpts, next, message, content, element);
            }
        }
        return excerpts;
    }

    private boolean isWanted(int position) {
        while (next < parts.size() && parts.get(next).to() <= position) {
            next++;
        }
        return next < parts.size() && parts.get(next).from() <= position;
    }

    private static void add(
            SortedMap<Integer, Message.Builder> excerpts,
            int part,
            Message message,
            FieldDescriptor content,
            Message element) {
        excerpts.computeIfAbsent(part, p -> message.toBuilder().clearField(content))
                .addRepeatedField(content, element);
    }

    private boolean holdsUnits(int level) {
        return level == (signal == Signal.METRICS ? 4 : 2);
    }

    /** The field that leads to the units; null where there is none, as in a metric without data. */
    private static FieldDescriptor content(Message message, int level) {
        return switch (level) {
            case 0 -> message.getDescriptorForType().findFieldByNumber(1);
            case 1, 2 -> message.getDescriptorForType().findFieldByNumber(2);
            case 3 ->
                message.getOneofFieldDescriptor(
                        message.getDescriptorForType().getOneofs().get(0));
            default -> message.getDescriptorForType().findFieldByNumber(DATA_POINTS);
        };
    }
}
