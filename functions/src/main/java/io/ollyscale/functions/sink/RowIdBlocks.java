package io.ollyscale.functions.sink;

import io.ollyscale.schema.copy.RowIds;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.LongSupplier;

/**
 * A writer's reserved numbers for row ids, from the sequence {@code otel.fact_id_blocks}. What a transaction leaves of its
 * last block serves the next one: no other writer has it. Not thread-safe.
 */
final class RowIdBlocks {

    /** The sequence starts over after 4.3 billion ids, and what somebody still holds then would be given out twice. */
    private static final Duration KEPT = Duration.ofMinutes(1);

    private final LongSupplier nanoClock;
    private int[] blocks = new int[0];
    private int used;
    private long oldestSince;

    RowIdBlocks() {
        this(System::nanoTime);
    }

    RowIdBlocks(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** How many blocks to fetch so that this many numbers are there. */
    int missing(long numbers) {
        if (nanoClock.getAsLong() - oldestSince > KEPT.toNanos()) {
            giveUp();
        }
        long free = (long) blocks.length * RowIds.BLOCK_SIZE - used;
        return numbers <= free ? 0 : Math.toIntExact((numbers - free + RowIds.BLOCK_SIZE - 1) / RowIds.BLOCK_SIZE);
    }

    /**
     * Adds a fetched block. Where the sequence has wrapped, what stood before is given up, because ids ascend within a
     * record: ask {@link #missing} again.
     */
    void add(int block) {
        if (blocks.length > 0 && block < blocks[blocks.length - 1]) {
            giveUp();
        }
        if (blocks.length == 0) {
            oldestSince = nanoClock.getAsLong();
        }
        blocks = Arrays.copyOf(blocks, blocks.length + 1);
        blocks[blocks.length - 1] = block;
    }

    /** Takes the numbers of one record. */
    RowIds take(long seconds, int numbers) {
        int whole = used / RowIds.BLOCK_SIZE;
        if (whole > 0) {
            blocks = Arrays.copyOfRange(blocks, whole, blocks.length);
            used -= whole * RowIds.BLOCK_SIZE;
        }
        RowIds ids = new RowIds(seconds, blocks, used);
        used = Math.addExact(used, numbers);
        return ids;
    }

    private void giveUp() {
        blocks = new int[0];
        used = 0;
    }
}
