package io.ollyscale.jobs.demo;

import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.List;

/**
 * A part of a process's memory, as its runtime divides it.
 *
 * @param attributes none where the runtime doesn't divide it
 * @param megabytes about so many
 */
record MemoryPool(List<KeyValue> attributes, int megabytes) {

    /** By the semantic conventions of the runtime. */
    static String metric(Sdk sdk) {
        return switch (sdk) {
            case JAVA -> "jvm.memory.used";
            case GO -> "go.memory.used";
            case NODE -> "v8js.memory.heap.used";
            case DOTNET -> "dotnet.process.memory.working_set";
            case PYTHON, RUST, WEB -> "process.memory.usage";
        };
    }

    static List<MemoryPool> of(Sdk sdk) {
        return switch (sdk) {
            case JAVA ->
                List.of(
                        jvm("heap", "G1 Eden Space", 96),
                        jvm("heap", "G1 Old Gen", 140),
                        jvm("non_heap", "Metaspace", 88));
            case GO -> List.of(one(6, "go.memory.type", "stack"), one(34, "go.memory.type", "other"));
            case NODE ->
                List.of(one(9, "v8js.heap.space.name", "new_space"), one(58, "v8js.heap.space.name", "old_space"));
            case DOTNET -> List.of(new MemoryPool(List.of(), 120));
            case PYTHON -> List.of(new MemoryPool(List.of(), 180));
            case RUST, WEB -> List.of(new MemoryPool(List.of(), 14));
        };
    }

    private static MemoryPool one(int megabytes, String key, String value) {
        return new MemoryPool(List.of(Attribute.text(key, value)), megabytes);
    }

    private static MemoryPool jvm(String type, String name, int megabytes) {
        return new MemoryPool(
                List.of(Attribute.text("jvm.memory.type", type), Attribute.text("jvm.memory.pool.name", name)),
                megabytes);
    }

    /** Bytes: from three quarters of it to all. */
    long used(long random) {
        double part = 0.75 + Dice.unit(Dice.mix(random + megabytes)) / 4;
        return (long) (part * (megabytes << 20));
    }
}
