package io.ollyscale.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ollyscale.jobs.SignalOptions;
import io.ollyscale.schema.otlp.Signal;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.junit.jupiter.api.Test;

class JobSizeTest {

    private final Configuration options = new Configuration();

    @Test
    void countsTwoSessionsForEachSubtaskOfASignal() {
        assertThat(JobSize.of(options, 1).sessions()).isEqualTo(3 * 2 + 1 + 3);
        assertThat(JobSize.of(options, 4).sessions()).isEqualTo(3 * 4 * 2 + 4 + 3);
    }

    @Test
    void countsOnlyWhatIsEnabledAndAsManyAsTheSignalHas() {
        options.set(SignalOptions.of(Signal.LOGS).enabled(), false);
        options.set(SignalOptions.of(Signal.METRICS).parallelism(), 5);

        JobSize size = JobSize.of(options, 2);

        assertThat(size.subtasks()).containsOnlyKeys(Signal.TRACES, Signal.METRICS);
        assertThat(size.factSubtasks()).isEqualTo(7);
        assertThat(size.sessions()).isEqualTo(7 * 2 + 2 + 3);
    }

    @Test
    void sharesAQuarterOfTheHeapAmongAllTransactions() {
        long heap = MemorySize.parse("2 gb").getBytes();

        assertThat(JobSize.of(options, 1).transactionBytes(heap)).isEqualTo(MemorySize.parse("64 mb"));
        assertThat(JobSize.of(options, 4).transactionBytes(heap).getBytes()).isEqualTo(heap / 4 / (3 * 4 * 2));
    }
}
