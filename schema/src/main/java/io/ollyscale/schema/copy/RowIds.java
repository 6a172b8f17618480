package io.ollyscale.schema.copy;

/**
 * The final row ids of one record: PostgreSQL's clock in seconds since 2020 in the high 32 bits, a number from reserved
 * blocks in the low ones. Ascending in the relative id; blocks need not be adjacent, because other writers reserve theirs
 * from the same sequence.
 */
public final class RowIds {

    /** Numbers in a block; the sequence {@code otel.fact_id_blocks} counts blocks of this size. */
    public static final int BLOCK_SIZE = 1 << 16;

    private final long seconds;
    private final int[] blocks;
    private final int start;

    /**
     * @param seconds PostgreSQL's clock at the transaction's begin, in seconds since 2020-01-01 UTC
     * @param blocks the blocks to draw from, ascending: values of the sequence
     * @param start how many numbers of the blocks are taken already
     */
    public RowIds(long seconds, int[] blocks, int start) {
        this.seconds = seconds;
        this.blocks = blocks;
        this.start = start;
    }

    public long absolute(int relativeId) {
        int number = start + relativeId;
        return (seconds << 32) | ((long) blocks[number / BLOCK_SIZE] * BLOCK_SIZE + number % BLOCK_SIZE);
    }
}
