package io.ollyscale.schema.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Consecutive numbers of units, from {@code first} up to before {@code end}. */
record Numbers(int first, int end) {

    static Numbers of(int first, int count) {
        return new Numbers(first, Math.addExact(first, count));
    }

    /** Cut at the multiples of a size. */
    List<Numbers> inBlocksOf(int size) {
        List<Numbers> blocks = new ArrayList<>();
        int number = first;
        while (number < end) {
            int blockEnd = Math.min(end, number - number % size + size);
            blocks.add(new Numbers(number, blockEnd));
            number = blockEnd;
        }
        return blocks;
    }

    IntStream each() {
        return IntStream.range(first, end);
    }
}
