package io.ollyscale.functions.maintenance;

/** Something that the store needs from time to time. Done in this order. */
public enum Chore {
    /** Facts without a partition can't be stored, so this comes first. */
    PARTITIONS("create partitions ahead"),
    DIMENSIONS("look for dimensions that aren't stored"),
    ROLLUP_PARTITIONS("create partitions of rollups ahead"),
    FOLDING("fold rollups"),
    EXPIRY("delete rollups that are past their retention"),
    DISPOSAL("drop partitions that aren't needed any more"),
    REPLAYS("publish quarantined records that are to be replayed");

    private final String purpose;

    Chore(String purpose) {
        this.purpose = purpose;
    }

    /** What it is to do, as in "could not …". */
    @Override
    public String toString() {
        return purpose;
    }
}
