package io.ollyscale.functions.flatten;

import io.ollyscale.functions.policy.PolicyCoordinator;
import io.ollyscale.functions.postgres.PostgresConnection;
import java.time.Duration;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.operators.coordination.OperatorCoordinator;
import org.apache.flink.streaming.api.operators.CoordinatedOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/** Makes {@link Flatten}, whose policy follows its files while the job runs. */
public final class WatchingFlattenFactory extends FlattenFactory implements CoordinatedOperatorFactory<RowBatch> {
    private static final long serialVersionUID = 1;

    private final String policyDirectory;
    private final PostgresConnection postgres;
    private final Duration watchInterval;

    /**
     * @param flatten what it is but for the policy; its policy is the one that the submission found
     * @param policyDirectory where the policy's files are, in the JobManager
     * @param watchInterval from one look at them to the next
     */
    public WatchingFlattenFactory(
            FlattenFactory flatten, String policyDirectory, PostgresConnection postgres, Duration watchInterval) {
        super(flatten);
        this.policyDirectory = policyDirectory;
        this.postgres = postgres;
        this.watchInterval = watchInterval;
    }

    @Override
    Flatten create(StreamOperatorParameters<RowBatch> parameters) {
        Flatten flatten = super.create(parameters);
        parameters
                .getOperatorEventDispatcher()
                .registerEventHandler(parameters.getStreamConfig().getOperatorID(), flatten);
        return flatten;
    }

    @Override
    public OperatorCoordinator.Provider getCoordinatorProvider(String operatorName, OperatorID operatorId) {
        return new PolicyCoordinator.Provider(operatorId, policyVersion(), policyDirectory, postgres, watchInterval);
    }
}
