package io.ollyscale.functions.flatten;

import io.ollyscale.functions.dimensions.Sighting;
import io.ollyscale.functions.failure.StopForGood;
import io.ollyscale.functions.policy.PolicyEvent;
import io.ollyscale.functions.source.RawRecord;
import io.ollyscale.schema.otlp.Dimension;
import io.ollyscale.schema.otlp.DimensionKind;
import io.ollyscale.schema.otlp.EncodedRecord;
import io.ollyscale.schema.otlp.RecordEncoder;
import io.ollyscale.schema.otlp.RefusalReason;
import io.ollyscale.schema.otlp.RefusedRecordException;
import io.ollyscale.schema.policy.AttributePolicy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.operators.coordination.OperatorEvent;
import org.apache.flink.runtime.operators.coordination.OperatorEventHandler;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.OutputTag;

/**
 * Decodes records and encodes their rows: one {@link RowBatch} for each record, whatever it holds. What rows refer to goes
 * to {@link #SIGHTINGS}, but not again for a while. Touches no database.
 */
public final class Flatten extends AbstractStreamOperator<RowBatch>
        implements OneInputStreamOperator<RawRecord, RowBatch>, OperatorEventHandler {
    private static final long serialVersionUID = 1;

    /** One entry: the policy's version, and the policy as {@link AttributePolicy#toRegisteredJson} writes it. */
    private static final MapStateDescriptor<Long, String> POLICY =
            new MapStateDescriptor<>("policy", Types.LONG, Types.STRING);

    /** The dimensions of records, on their way to the registry. */
    public static final OutputTag<Sighting> SIGHTINGS =
            new OutputTag<>("sightings", TypeInformation.of(Sighting.class));

    private final NewerOtlp newerOtlp;
    private final Duration sightingInterval;
    private final int maxRecentDimensions;

    /** Under the policy in force. */
    private RecordEncoder encoder;

    private transient RecentDimensions recent;
    private transient RecentSeries recentSeries;
    private transient BroadcastState<Long, String> policy;

    private transient Counter units;
    private transient Counter refused;
    private transient Counter attributesDropped;
    private transient Counter attributesDuplicated;
    private transient Counter unknownFields;
    private transient Counter emptyEnvelopes;

    /** What happens to the bytes of a record with fields that this release doesn't know; its rows are stored anyway. */
    public enum NewerOtlp {
        /** Kept in quarantine, so that a later release can read what this one couldn't. */
        KEEP_RECORD,
        COUNT_ONLY
    }

    /** See {@link FlattenFactory}. */
    Flatten(
            StreamOperatorParameters<RowBatch> parameters,
            RecordEncoder encoder,
            NewerOtlp newerOtlp,
            Duration sightingInterval,
            int maxRecentDimensions) {
        super(parameters);
        this.encoder = encoder;
        this.newerOtlp = newerOtlp;
        this.sightingInterval = sightingInterval;
        this.maxRecentDimensions = maxRecentDimensions;
    }

    /** The policy of the checkpoint, unless the job was submitted with a newer one; in force before the first record. */
    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        policy = context.getOperatorStateStore().getBroadcastState(POLICY);
        for (Map.Entry<Long, String> stored : policy.immutableEntries()) {
            if (stored.getKey() > encoder.policyVersion()) {
                encoder = encoder.under(AttributePolicy.ofRegisteredJson(stored.getValue()));
            }
        }
        keepPolicy();
    }

    private void keepPolicy() throws Exception {
        policy.clear();
        policy.put(encoder.policyVersion(), encoder.policy().toRegisteredJson());
    }

    @Override
    public void open() throws Exception {
        super.open();
        forgetSightings();
        MetricGroup metrics = getMetricGroup();
        units = metrics.counter("units");
        refused = metrics.counter("recordsRefused");
        attributesDropped = metrics.counter("attributesDropped");
        attributesDuplicated = metrics.counter("attributesDuplicated");
        unknownFields = metrics.counter("unknownFields");
        emptyEnvelopes = metrics.counter("emptyEnvelopes");
        metrics.gauge("policyVersion", () -> encoder.policyVersion());
    }

    private void forgetSightings() {
        recent = new RecentDimensions(sightingInterval, maxRecentDimensions);
        recentSeries = new RecentSeries(sightingInterval, maxRecentDimensions);
    }

    /**
     * Puts a newer policy in force, between two records.
     *
     * @throws org.apache.flink.runtime.execution.SuppressRestartsException if PostgreSQL was set back to a time before the policy
     *     in force: the ids of its keys may be other keys' now
     */
    @Override
    public void handleOperatorEvent(OperatorEvent event) {
        AttributePolicy next = ((PolicyEvent) event).policy();
        boolean isSame = next.version() == encoder.policyVersion();
        if (next.version() < encoder.policyVersion()
                || isSame && !next.toRegisteredJson().equals(encoder.policy().toRegisteredJson())) {
            throw StopForGood.because("PostgreSQL doesn't know version " + encoder.policyVersion()
                    + " of the attribute policy any more: it was set back to an older state. Start the job without state: it"
                    + " resumes at the ledger's safe_offset under a policy that PostgreSQL knows");
        }
        if (isSame) {
            return;
        }
        LOG.info("Version {} of the attribute policy replaces version {}", next.version(), encoder.policyVersion());
        encoder = encoder.under(next);
        // What is known is to be written again as the new policy wants it.
        forgetSightings();
        try {
            keepPolicy();
        } catch (Exception e) {
            throw new IllegalStateException("the state on the heap can't be changed", e);
        }
    }

    @Override
    public void processElement(StreamRecord<RawRecord> element) {
        output.collect(element.replace(batch(element.getValue())));
    }

    private RowBatch batch(RawRecord record) {
        byte[] value = record.value();
        if (value == null || value.length == 0) {
            return new RowBatch(record, EncodedRecord.EMPTY, null);
        }
        long now = getProcessingTimeService().getCurrentProcessingTime();
        EncodedRecord rows;
        try {
            rows = encoder.encode(value, hash -> recentSeries.contains(hash, now) || recent.contains(hash, now));
        } catch (RefusedRecordException e) {
            return refused(record, e.reason(), e.getMessage());
        } catch (StackOverflowError e) {
            // The nesting limit may have been set beyond what the stack holds: an Error, but the record's fault.
            return refused(record, RefusalReason.NESTED_TOO_DEEPLY, "the decoder ran out of stack");
        } catch (RuntimeException e) {
            // A fault of ours. Failing would read this record again and again, and store nothing behind it.
            LOG.error(
                    "The decoder failed on offset {} of {}-{}; the record is quarantined",
                    record.offset(),
                    record.topic(),
                    record.partition(),
                    e);
            return refused(record, RefusalReason.DECODER_FAILED, e.toString());
        }
        report(rows.dimensions(), record.timestamp(), now);
        count(rows);
        boolean keep = rows.unknownFields() > 0 && newerOtlp == NewerOtlp.KEEP_RECORD;
        return new RowBatch(
                record,
                rows.withoutDimensions(),
                keep ? new Refusal(RefusalReason.NEWER_OTLP, rows.unknownFields() + " fields of a newer OTLP") : null);
    }

    private void report(List<Dimension> dimensions, long recordTimestamp, long now) {
        for (Dimension dimension : dimensions) {
            Sighting sighting = Sighting.of(dimension, encoder.policyVersion(), recordTimestamp, now);
            output.collect(SIGHTINGS, new StreamRecord<>(sighting));
            if (dimension.kind() == DimensionKind.SERIES) {
                recentSeries.add(dimension.hash(), now);
            } else {
                recent.add(dimension.hash(), now);
            }
        }
    }

    private RowBatch refused(RawRecord record, RefusalReason reason, String detail) {
        refused.inc();
        return new RowBatch(record, EncodedRecord.EMPTY, new Refusal(reason, detail));
    }

    private void count(EncodedRecord rows) {
        units.inc(rows.units());
        attributesDropped.inc(rows.attributesDropped());
        attributesDuplicated.inc(rows.attributesDuplicated());
        unknownFields.inc(rows.unknownFields());
        emptyEnvelopes.inc(rows.emptyEnvelopes());
    }
}
