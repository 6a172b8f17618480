package io.ollyscale.faults.postgres;

/** Where a COMMIT finds its connection cut; the client can't tell the two from each other. */
public enum CommitCut {
    /** The server never hears of it, and rolls back. */
    BEFORE_IT_ARRIVES,
    /** The server has committed, and the client never hears of it. */
    BEFORE_IT_IS_ANSWERED
}
