package io.ollyscale.functions.policy;

import io.ollyscale.schema.policy.AttributePolicy;
import org.apache.flink.runtime.operators.coordination.OperatorEvent;

/**
 * A policy on its way from the JobManager to a subtask.
 *
 * @param registered as {@link AttributePolicy#toRegisteredJson} writes it
 */
public record PolicyEvent(String registered) implements OperatorEvent {
    static PolicyEvent of(AttributePolicy policy) {
        return new PolicyEvent(policy.toRegisteredJson());
    }

    /** Short: Flink's messages quote it. */
    @Override
    public String toString() {
        return "an attribute policy";
    }

    public AttributePolicy policy() {
        return AttributePolicy.ofRegisteredJson(registered);
    }
}
