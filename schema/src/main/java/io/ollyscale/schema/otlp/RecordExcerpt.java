package io.ollyscale.schema.otlp;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.ollyscale.schema.json.OtlpJson;
import io.ollyscale.schema.json.OtlpJsonException;
import io.ollyscale.schema.json.OtlpJsonWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Cuts single units out of a record, so that only what PostgreSQL refuses goes to quarantine. */
public final class RecordExcerpt {

    /** Number of the list of points in every type of a metric's data. */
    private static final int DATA_POINTS = 1;

    private final Signal signal;
    private final UnitRange wanted;
    private int unit;

    private RecordExcerpt(Signal signal, UnitRange wanted) {
        this.signal = signal;
        this.wanted = wanted;
    }

    /**
     * @param record a record that a {@link RecordEncoder} of the same signal and encoding accepted
     * @param parts units by their position in the record
     * @return a message for each part, in the record's encoding: its units with their resources, scopes and metrics
     */
    public static List<byte[]> of(Signal signal, RecordEncoding encoding, byte[] record, List<UnitRange> parts) {
        Message all = parse(signal, encoding, record);
        List<byte[]> messages = new ArrayList<>();
        for (UnitRange part : parts) {
            Message excerpt = new RecordExcerpt(signal, part).cut(all, 0);
            messages.add(
                    switch (encoding) {
                        case OTLP_PROTO -> excerpt.toByteArray();
                        case OTLP_JSON -> OtlpJsonWriter.write(excerpt);
                    });
        }
        return messages;
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
     * The message with the wanted units alone, and without what then holds none.
     *
     * @param level 0 for the record, then its resources, scopes, and a metric and its data
     */
    private Message cut(Message message, int level) {
        FieldDescriptor content = content(message, level);
        Message.Builder kept = message.toBuilder();
        if (content == null) {
            return kept.build();
        }
        if (!content.isRepeated()) {
            return kept.setField(content, cut((Message) message.getField(content), level + 1))
                    .build();
        }
        kept.clearField(content);
        int count = message.getRepeatedFieldCount(content);
        if (holdsUnits(level)) {
            int from = Math.max(wanted.from() - unit, 0);
            int to = Math.min(wanted.to() - unit, count);
            for (int i = from; i < to; i++) {
                kept.addRepeatedField(content, message.getRepeatedField(content, i));
            }
            unit += count;
            return kept.build();
        }
        for (int i = 0; i < count; i++) {
            int before = unit;
            Message part = cut((Message) message.getRepeatedField(content, i), level + 1);
            if (Math.max(before, wanted.from()) < Math.min(unit, wanted.to())) {
                kept.addRepeatedField(content, part);
            }
        }
        return kept.build();
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
