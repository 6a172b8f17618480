package io.ollyscale.functions.flatten;

import io.ollyscale.functions.source.RawRecord;
import io.ollyscale.schema.otlp.RecordEncoder;
import java.time.Duration;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/** Makes {@link Flatten}, with a policy that stays; see {@link WatchingFlattenFactory}. */
public class FlattenFactory extends AbstractStreamOperatorFactory<RowBatch>
        implements OneInputStreamOperatorFactory<RawRecord, RowBatch> {
    private static final long serialVersionUID = 1;

    private final RecordEncoder encoder;
    private final Flatten.NewerOtlp newerOtlp;
    private final Duration sightingInterval;
    private final int maxRecentDimensions;

    /**
     * @param sightingInterval after which a dimension that is still seen is reported again
     * @param maxRecentDimensions how many are remembered as reported, and as many series; others are reported again
     */
    public FlattenFactory(
            RecordEncoder encoder, Flatten.NewerOtlp newerOtlp, Duration sightingInterval, int maxRecentDimensions) {
        this.encoder = encoder;
        this.newerOtlp = newerOtlp;
        this.sightingInterval = sightingInterval;
        this.maxRecentDimensions = maxRecentDimensions;
    }

    FlattenFactory(FlattenFactory other) {
        this(other.encoder, other.newerOtlp, other.sightingInterval, other.maxRecentDimensions);
    }

    /** Of the policy that it begins with. */
    long policyVersion() {
        return encoder.policyVersion();
    }

    @Override
    @SuppressWarnings("unchecked") // the caller's type is the operator's
    public <T extends StreamOperator<RowBatch>> T createStreamOperator(StreamOperatorParameters<RowBatch> parameters) {
        return (T) create(parameters);
    }

    Flatten create(StreamOperatorParameters<RowBatch> parameters) {
        return new Flatten(parameters, encoder, newerOtlp, sightingInterval, maxRecentDimensions);
    }

    @Override
    @SuppressWarnings("rawtypes") // as Flink has it
    public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
        return Flatten.class;
    }
}
