package io.ollyscale.functions.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.ollyscale.schema.copy.RowIds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowIdBlocksTest {
    private static final int BLOCK = RowIds.BLOCK_SIZE;
    private static final long SECONDS = 200_000_000;

    private final RowIdBlocks blocks = new RowIdBlocks();

    @Test
    void asksForAsManyBlocksAsAreMissing() {
        assertThat(blocks.missing(0)).isZero();
        assertThat(blocks.missing(1)).isEqualTo(1);
        assertThat(blocks.missing(BLOCK)).isEqualTo(1);
        assertThat(blocks.missing(BLOCK + 1)).isEqualTo(2);
        assertThat(blocks.missing(10L * BLOCK)).isEqualTo(10);
    }

    @Test
    void givesNumbersOfTheSecond() {
        add(7);
        assertThat(take(3)).containsExactly(id(7, 0), id(7, 1), id(7, 2));
    }

    @Test
    void goesOnWhereTheLastRecordEnded() {
        add(7);
        take(3);
        assertThat(blocks.missing(BLOCK - 3)).isZero();
        assertThat(blocks.missing(BLOCK - 2)).isEqualTo(1);
        assertThat(take(2)).containsExactly(id(7, 3), id(7, 4));
    }

    @Test
    void ascendsFromTheRemainderIntoTheNextBlock() {
        add(7);
        take(BLOCK - 2);
        add(9, 12);
        assertThat(take(4)).containsExactly(id(7, BLOCK - 2), id(7, BLOCK - 1), id(9, 0), id(9, 1));
        List<Long> across = take(BLOCK);
        assertThat(across)
                .isSorted()
                .doesNotHaveDuplicates()
                .startsWith(id(9, 2))
                .endsWith(id(12, 1));
    }

    @Test
    void usesBlockToItsEnd() {
        add(7);
        assertThat(take(BLOCK)).endsWith(id(7, BLOCK - 1));
        assertThat(blocks.missing(1)).isEqualTo(1);
        assertThat(take(0)).isEmpty();
        add(8);
        assertThat(take(1)).containsExactly(id(8, 0));
    }

    @Test
    void givesUpTheRemainderWhereTheSequenceStartsOver() {
        add(65_535);
        take(10);
        assertThat(blocks.missing(BLOCK)).isEqualTo(1);

        add(0);

        // Blocks in ascending order have no room for both.
        assertThat(blocks.missing(BLOCK)).isZero();
        assertThat(blocks.missing(BLOCK + 1)).isEqualTo(1);
        assertThat(take(2)).containsExactly(id(0, 0), id(0, 1));
    }

    @Test
    void givesUpFetchedBlocksWhereTheSequenceStartsOverAmongThem() {
        add(65_534, 65_535, 0, 1);
        assertThat(blocks.missing(4L * BLOCK)).isEqualTo(2);
        add(2, 3);
        assertThat(take(4 * BLOCK)).isSorted().doesNotHaveDuplicates().startsWith(id(0, 0));
    }

    @Test
    void lastNumberStaysBelowTheNextSecond() {
        add(65_535);
        List<Long> ids = take(BLOCK);
        assertThat(ids.get(BLOCK - 1)).isEqualTo(((SECONDS + 1) << 32) - 1);
    }

    private void add(int... fetched) {
        Arrays.stream(fetched).forEach(blocks::add);
    }

    private List<Long> take(int numbers) {
        RowIds ids = blocks.take(SECONDS, numbers);
        List<Long> taken = new ArrayList<>(numbers);
        for (int i = 0; i < numbers; i++) {
            taken.add(ids.absolute(i));
        }
        return taken;
    }

    private static long id(int block, int number) {
        return (SECONDS << 32) + (long) block * BLOCK + number;
    }
}
