package io.ollyscale.faults.flink;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.datagen.source.GeneratorFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;

/** A small job with keyed state, which counts a few numbers a second by key, and fails where it is told to. */
public final class CountingJob {

    static final String FAIL_AT = "counting.fail-at";

    private static final long KEYS = 100;
    private static final double PER_SECOND = 200;

    private CountingJob() {}

    public static void main(String[] args) throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        long failAt = Long.parseLong(env.getConfiguration().toMap().getOrDefault(FAIL_AT, "-1"));
        GeneratorFunction<Long, Long> numbers = new Numbers(failAt);
        env.fromSource(
                        new DataGeneratorSource<>(
                                numbers, Long.MAX_VALUE, RateLimiterStrategy.perSecond(PER_SECOND), Types.LONG),
                        WatermarkStrategy.noWatermarks(),
                        "numbers")
                .uid("numbers")
                .keyBy(number -> number % KEYS, Types.LONG)
                .process(new Counter(), Types.LONG)
                .uid("counter")
                .sinkTo(new DiscardingSink<>())
                .uid("nowhere");
        env.execute("counting");
    }

    /** The numbers themselves. */
    static final class Numbers implements GeneratorFunction<Long, Long> {

        private final long failAt;

        Numbers(long failAt) {
            this.failAt = failAt;
        }

        @Override
        public Long map(Long number) {
            if (number == failAt) {
                throw new IllegalStateException("told to fail at " + number);
            }
            return number;
        }
    }

    /** How many numbers each key had. */
    static final class Counter extends KeyedProcessFunction<Long, Long, Long> {

        private transient ValueState<Long> count;

        @Override
        public void open(OpenContext context) {
            count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Types.LONG));
        }

        @Override
        public void processElement(Long number, Context context, Collector<Long> out) throws Exception {
            long next = count.value() == null ? 1 : count.value() + 1;
            count.update(next);
            out.collect(next);
        }
    }
}
