package io.ollyscale.schema.copy;

/** What the rows of one record may take of memory, and what they have taken. Not thread-safe. */
public final class MemoryBudget {
    private final long limit;
    private long used;

    /** @param limit in bytes */
    public MemoryBudget(long limit) {
        this.limit = limit;
    }

    /**
     * To be called before memory is allocated.
     *
     * @throws ExhaustedException if it isn't there
     */
    public void take(long bytes) {
        used += bytes;
        if (used > limit) {
            throw new ExhaustedException("its rows take over " + limit + " bytes of memory");
        }
    }

    /** The record is too large to be held. */
    public static final class ExhaustedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        ExhaustedException(String message) {
            super(message);
        }
    }
}
