package io.ollyscale.benchmarks;

import io.ollyscale.jobs.local.EmbeddedCluster;
import io.ollyscale.schema.otlp.Signal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.util.FileUtils;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What happens to a job of spans that runs on while something else is done, and what the store is like afterwards. */
abstract class FlowBenchmark implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Mixin
    InputOptions input;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "60",
            description = "How long spans flow at half of that rate, undisturbed. Default: ${DEFAULT-VALUE}.")
    int seconds;

    @Override
    public final Integer call() throws Exception {
        if (seconds < 1) {
            throw new ParameterException(spec.commandLine(), "--seconds must be 1 or more");
        }
        Configuration configuration = input.configuration();
        say("starting PostgreSQL and Kafka");
        try (Stack stack = Stack.start(input.postgresSettings())) {
            stack.prepare(input.policy());
            stack.createTopic(Signal.TRACES, SpanFlow.PARTITIONS + 1);
            stack.configure(configuration, Signal.TRACES);
            Path scratch = Files.createTempDirectory("ollyscale-benchmark-checkpoints");
            try (TopicFiller topic = stack.topicFiller(Signal.TRACES);
                    EmbeddedCluster cluster = EmbeddedCluster.start(configuration, scratch, 0, 1)) {
                measure(stack, topic, new SpanFlow(stack, cluster, topic, input.operations()));
            } finally {
                FileUtils.deleteDirectoryQuietly(scratch.toFile());
            }
            return isRight(stack) ? 0 : 1;
        }
    }

    /** @param topic with one partition more than those of the flow */
    abstract void measure(Stack stack, TopicFiller topic, SpanFlow flow) throws Exception;

    /** Looks at what is stored when the job has ended. */
    abstract boolean isRight(Stack stack) throws SQLException;

    final void say(String what) {
        spec.commandLine().getErr().println("benchmarks/run: " + what);
    }
}
