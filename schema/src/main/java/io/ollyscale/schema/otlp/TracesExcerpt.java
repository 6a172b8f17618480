package io.ollyscale.schema.otlp;

import com.google.protobuf.CodedInputStream;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Parts of a record as OTLP messages of their own, for the quarantine of what PostgreSQL refuses. */
public final class TracesExcerpt {
    private TracesExcerpt() {}

    /**
     * @param record a record that {@link TracesEncoder} accepted
     * @param parts spans by their position in the record
     * @return a message for each part: its spans with their resources and scopes
     */
    public static List<byte[]> of(byte[] record, List<UnitRange> parts) {
        TracesData all;
        try {
            CodedInputStream input = CodedInputStream.newInstance(record);
            input.setRecursionLimit(Integer.MAX_VALUE);
            all = TracesData.parseFrom(input);
        } catch (IOException e) {
            throw new IllegalArgumentException("the record was accepted before", e);
        }
        List<byte[]> messages = new ArrayList<>();
        for (UnitRange part : parts) {
            messages.add(excerpt(all, part).toByteArray());
        }
        return messages;
    }

    private static TracesData excerpt(TracesData all, UnitRange wanted) {
        TracesData.Builder part = TracesData.newBuilder();
        int unit = 0;
        for (ResourceSpans resourceSpans : all.getResourceSpansList()) {
            List<ScopeSpans> kept = new ArrayList<>();
            for (ScopeSpans scopeSpans : resourceSpans.getScopeSpansList()) {
                int count = scopeSpans.getSpansCount();
                int from = Math.max(wanted.from() - unit, 0);
                int to = Math.min(wanted.to() - unit, count);
                if (from < to) {
                    kept.add(scopeSpans.toBuilder()
                            .clearSpans()
                            .addAllSpans(scopeSpans.getSpansList().subList(from, to))
                            .build());
                }
                unit += count;
            }
            if (!kept.isEmpty()) {
                part.addResourceSpans(
                        resourceSpans.toBuilder().clearScopeSpans().addAllScopeSpans(kept));
            }
        }
        return part.build();
    }
}
