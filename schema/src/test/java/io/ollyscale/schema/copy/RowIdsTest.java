package io.ollyscale.schema.copy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowIdsTest {

    @ParameterizedTest(name = "{0} after {1}")
    @CsvSource({
        "0, 0, 0x0007_0000",
        "65535, 0, 0x0007_ffff",
        "65536, 0, 0x0009_0000",
        "131072, 0, 0xffff_0000",
        "196607, 0, 0xffff_ffff",
        "0, 65535, 0x0007_ffff",
        "1, 65535, 0x0009_0000",
        "5, 131067, 0xffff_0000"
    })
    void drawsFromOneBlockAfterTheOther(int relativeId, int start, String number) {
        RowIds ids = new RowIds(5, new int[] {7, 9, 65_535}, start);

        assertThat(ids.absolute(relativeId)).isEqualTo(5L << 32 | Long.decode(number.replace("_", "")));
    }

    @Test
    void ascendThroughAllBlocks() {
        RowIds ids = new RowIds(200_000_000, new int[] {0, 3, 65_535}, 10);
        long[] all = new long[3 * RowIds.BLOCK_SIZE - 10];
        Arrays.setAll(all, ids::absolute);

        assertThat(all).isSorted().doesNotHaveDuplicates();
        assertThat(all[0] >>> 32).isEqualTo(200_000_000);
        assertThat(all[all.length - 1] >>> 32).isEqualTo(200_000_000);
    }
}
