-- A sketch that SQL passes from hand to hand: DDSketch of relative accuracy 1 %, with bins as duration_bin numbers them.

CREATE TYPE otel.duration_sketch AS (zero_count bigint, bins integer[], counts bigint[]);
COMMENT ON TYPE otel.duration_sketch IS
    'How durations are distributed, to 1 %. merge_sketches() adds several, sketch_quantile() reads a quantile. In tables it is three columns.';
COMMENT ON COLUMN otel.duration_sketch.zero_count IS 'How many durations are 0.';
COMMENT ON COLUMN otel.duration_sketch.bins IS 'The bins (duration_bin) that durations above 0 fall into, ascending.';
COMMENT ON COLUMN otel.duration_sketch.counts IS 'How many durations each of bins holds.';

-- The sketches that merge_sketches() has seen: the first merged_bins of bins are merged, what follows is as it came.
CREATE TYPE otel.sketches_to_merge AS (zero_count bigint, merged_bins integer, bins integer[], counts bigint[]);
COMMENT ON TYPE otel.sketches_to_merge IS 'Part of merge_sketches: its state.';
COMMENT ON COLUMN otel.sketches_to_merge.zero_count IS 'How many durations are 0; NULL before the first sketch.';
COMMENT ON COLUMN otel.sketches_to_merge.merged_bins IS 'How many of bins are merged, ascending; the others may occur several times.';
COMMENT ON COLUMN otel.sketches_to_merge.bins IS 'The bins that durations above 0 fall into.';
COMMENT ON COLUMN otel.sketches_to_merge.counts IS 'How many durations each of bins holds.';
