package io.ollyscale.schema.otlp;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.ollyscale.schema.copy.CopyBuffer;
import io.ollyscale.schema.copy.CopyChunk;
import io.ollyscale.schema.copy.MemoryBudget;
import io.ollyscale.schema.identity.ServiceIdentity;
import io.ollyscale.schema.policy.AttributeContext;
import io.ollyscale.schema.policy.AttributePolicy;
import io.ollyscale.schema.rollup.SpanMeasures;
import io.ollyscale.schema.tables.Table;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The rows of one record, whichever its signal. A unit's id comes first, then those of what belongs to it in their order,
 * so that a unit's rows are one range of ids. Not thread-safe.
 *
 * @param <E> the message of a resource and what it produced, of which a record is a list
 */
abstract class SignalRows<E extends Message> {
    private final AttributePolicy policy;
    private final DecodingLimits limits;
    private final MemoryBudget budget;
    private final UnknownFields unknown = new UnknownFields();
    private final AttributeCounts counts = new AttributeCounts();
    private final DimensionEncoder dimensions;
    private final List<CopyChunk> chunks = new ArrayList<>();
    private final Map<Table, CopyBuffer> buffers = new EnumMap<>(Table.class);

    /** Of the row at hand. */
    private final List<ExactField> exactFields = new ArrayList<>();

    private int[] unitStarts = new int[64];
    private int units;
    private int nextId;
    private long emptyEnvelopes;

    /** @param known whether the dimension of a hash needn't be described */
    SignalRows(AttributePolicy policy, Predicate<String> known, DecodingLimits limits) {
        this.policy = policy;
        this.limits = limits;
        budget = new MemoryBudget(limits.rowBytes());
        dimensions = new DimensionEncoder(policy, known, limits, budget, unknown, counts);
    }

    /** Of the messages that {@link #add} takes. */
    abstract Parser<E> parser();

    /** Writes the rows of one of the record's resources. */
    abstract void add(E envelope) throws RefusedRecordException;

    /** What rollups need of the units. */
    SpanMeasures measures() {
        return SpanMeasures.NONE;
    }

    UnknownFields unknown() {
        return unknown;
    }

    DimensionEncoder dimensions() {
        return dimensions;
    }

    /** Whether there is no unit, but something of a newer OTLP. */
    boolean holdsNothingButUnknownFields() {
        return units == 0 && unknown.count() > 0;
    }

    EncodedRecord finish() {
        buffers.values().forEach(CopyBuffer::finish);
        return new EncodedRecord(
                chunks,
                nextId,
                Arrays.copyOf(unitStarts, units),
                measures(),
                dimensions.dimensions(),
                counts.dropped,
                counts.duplicated,
                unknown.count(),
                emptyEnvelopes);
    }

    /** What a resource's units refer to. */
    record Owner(long resourceId, long serviceId) {}

    /** @param resource the default instance where it is absent */
    Owner owner(boolean present, Resource resource, String schemaUrl) throws RefusedRecordException {
        ServiceIdentity service = ServiceIdentity.of(resource.getAttributesList());
        long serviceId = dimensions.service(service);
        long resourceId = dimensions.resource(present, resource, schemaUrl, service, serviceId);
        return new Owner(resourceId, serviceId);
    }

    /** Of what isn't written to a buffer, in bytes. */
    void takeMemory(long bytes) {
        budget.take(bytes);
    }

    /** A resource, scope or metric that holds nothing. */
    void countEmpty() {
        emptyEnvelopes++;
    }

    /** The relative id of a new unit. */
    int nextUnit() {
        if (units == unitStarts.length) {
            unitStarts = Arrays.copyOf(unitStarts, units * 2);
        }
        unitStarts[units++] = nextId;
        return nextId++;
    }

    /** The relative id of a row that belongs to the unit at hand. */
    int nextPart() {
        return nextId++;
    }

    CopyBuffer buffer(Table table) {
        return buffers.computeIfAbsent(table, t -> new CopyBuffer(t, chunks, budget));
    }

    /** Begins a fact's row, with its own id. */
    CopyBuffer beginRow(Table table, int id) {
        exactFields.clear();
        CopyBuffer row = buffer(table);
        row.beginRow();
        row.putRowId(id);
        return row;
    }

    /** Begins the row of what belongs to another row. */
    CopyBuffer beginRow(Table table, int id, int parentId) {
        CopyBuffer row = beginRow(table, id);
        row.putRowId(parentId);
        return row;
    }

    /** The exact text of one with U+0000 goes to the row's catch-all. */
    void putText(CopyBuffer row, String column, String value) {
        if (row.putText(value)) {
            exactFields.add(new ExactField(column, value));
        }
    }

    /** A trace or span id. */
    void putId(CopyBuffer row, String field, ByteString id) throws RefusedRecordException {
        if (id.size() > limits.idBytes()) {
            throw new RefusedRecordException(
                    RefusalReason.ID_TOO_LONG, field + " has " + id.size() + " bytes, over " + limits.idBytes());
        }
        row.putId(id);
    }

    /** A time and what it has below the microsecond. */
    static void putTime(CopyBuffer row, long unixNanos) {
        row.putTimestamp(unixNanos);
        row.putNanosFraction(unixNanos);
    }

    /** The attributes of one fact table's rows: the catch-all is that table's last column. */
    final class FactAttributes extends CatchAll {
        private final Attributes attributes;
        private final CopyBuffer row;
        private final CopyTypedRows typed;

        FactAttributes(
                AttributeContext context,
                Table table,
                Table strings,
                Table integers,
                Table numbers,
                Table bools,
                Table bytes) {
            super(buffer(table), limits, unknown);
            attributes = new Attributes(policy.of(context), counts);
            row = buffer(table);
            typed = new CopyTypedRows(buffer(strings), buffer(integers), buffer(numbers), buffer(bools), buffer(bytes));
        }

        /** Writes the row's last column and the attributes' own rows, and ends the row. */
        void writeAndEndRow(List<KeyValue> list, int owner) throws RefusedRecordException {
            attributes.write(list, exactFields, typed.of(owner), this);
            row.endRow();
        }

        @Override
        void open() {
            row.beginJsonb();
        }

        @Override
        void close(boolean written) {
            if (written) {
                row.endVariable();
            } else {
                row.putNull();
            }
        }
    }
}
