package io.ollyscale.functions.dimensions;

import io.ollyscale.schema.otlp.DimensionKind;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Lets a sighting through when its dimension is to be written: when it is new, when the policy is newer than that of the
 * last write, and when that is a while ago, so that a row which was lost behind the job's back comes back. Keyed by {@link
 * Sighting#key}.
 *
 * <p>Of a service's operations only so many are admitted. One keeps its place for as long as it is seen: state lives three
 * times as long as a write counts, so what is seen that often is written, and renewed, before it expires.
 */
public final class DimensionRegistry extends KeyedProcessFunction<Long, Sighting, Sighting> {
    private static final long serialVersionUID = 1;

    /** How often a service at its limit is looked through for operations that have expired: it costs a read of them all. */
    private static final long RECOUNT_MILLIS = 60 * 60 * 1000;

    /** How many intervals of writing state lives. */
    private static final int INTERVALS_IN_STATE = 3;

    /** Keys that the heap state backend looks at with each access, to drop what has expired. */
    private static final int CLEANED_AT_ONCE = 10;

    /** How often RocksDB's compaction, which drops what has expired, looks at the clock. */
    private static final long ENTRIES_BETWEEN_LOOKS_AT_CLOCK = 1_000;

    private final Duration rewriteInterval;
    private final int maxOperations;

    /** By hash. Two dimensions whose hashes begin alike share a key, and stay two. */
    private transient MapState<String, LastWrite> written;

    private transient MapState<String, LastWrite> operations;
    private transient ValueState<AdmittedOperations> admitted;

    private transient Counter dimensionsDue;
    private transient Counter operationsRefused;

    /**
     * @param rewriteInterval after which a dimension that is still seen is written again
     * @param maxOperations of a service
     */
    public DimensionRegistry(Duration rewriteInterval, int maxOperations) {
        this.rewriteInterval = rewriteInterval;
        this.maxOperations = maxOperations;
    }

    @Override
    public void open(OpenContext context) {
        StateTtlConfig ttl = StateTtlConfig.newBuilder(rewriteInterval.multipliedBy(INTERVALS_IN_STATE))
                .cleanupIncrementally(CLEANED_AT_ONCE, false)
                .cleanupInRocksdbCompactFilter(ENTRIES_BETWEEN_LOOKS_AT_CLOCK, rewriteInterval)
                .build();
        written = getRuntimeContext().getMapState(writes("written", ttl));
        operations = getRuntimeContext().getMapState(writes("operations", ttl));
        ValueStateDescriptor<AdmittedOperations> admittedOperations =
                new ValueStateDescriptor<>("admitted-operations", TypeInformation.of(AdmittedOperations.class));
        admittedOperations.enableTimeToLive(ttl);
        admitted = getRuntimeContext().getState(admittedOperations);
        MetricGroup metrics = getRuntimeContext().getMetricGroup();
        dimensionsDue = metrics.counter("dimensionsDue");
        operationsRefused = metrics.counter("operationsRefused");
    }

    @Override
    public void processElement(Sighting sighting, Context context, Collector<Sighting> out) throws Exception {
        long now = context.timerService().currentProcessingTime();
        boolean isOperation = sighting.dimension().kind() == DimensionKind.OPERATION;
        MapState<String, LastWrite> writes = isOperation ? operations : written;
        String hash = sighting.dimension().hash();
        LastWrite last = writes.get(hash);
        if (last != null && !isDue(last, sighting, now)) {
            return;
        }
        if (isOperation && !admit(last == null, now)) {
            operationsRefused.inc();
            return;
        }
        writes.put(hash, new LastWrite(now, sighting.policyVersion()));
        dimensionsDue.inc();
        out.collect(sighting);
    }

    private boolean isDue(LastWrite last, Sighting sighting, long now) {
        return sighting.policyVersion() > last.policyVersion()
                || now - last.at() >= rewriteInterval.toMillis()
                // The clock was set back: what was written in its future would count for as long as that lasts.
                || now < last.at();
    }

    /** Renews the count too, which must not expire before what it counts. */
    private boolean admit(boolean isNew, long now) throws Exception {
        AdmittedOperations known = admitted.value();
        if (known == null) {
            known = new AdmittedOperations(0, now);
        }
        if (isNew && known.count() >= maxOperations) {
            if (Math.abs(now - known.countedAt()) < RECOUNT_MILLIS) {
                return false;
            }
            known = new AdmittedOperations(count(now), now);
            if (known.count() >= maxOperations) {
                admitted.update(known);
                return false;
            }
        }
        admitted.update(isNew ? new AdmittedOperations(known.count() + 1, known.countedAt()) : known);
        return true;
    }

    /** Takes what was written in the clock's future out: it would not expire for as long as that lasts. */
    private int count(long now) throws Exception {
        int count = 0;
        for (Iterator<Map.Entry<String, LastWrite>> entries = operations.iterator(); entries.hasNext(); ) {
            if (entries.next().getValue().at() > now) {
                entries.remove();
            } else {
                count++;
            }
        }
        return count;
    }

    private static MapStateDescriptor<String, LastWrite> writes(String name, StateTtlConfig ttl) {
        MapStateDescriptor<String, LastWrite> descriptor =
                new MapStateDescriptor<>(name, Types.STRING, TypeInformation.of(LastWrite.class));
        descriptor.enableTimeToLive(ttl);
        return descriptor;
    }
}
