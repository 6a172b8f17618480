package io.ollyscale.faults.kinds;

import java.util.List;
import java.util.stream.Stream;

/** All kinds. */
public final class Faults {
    public static final List<Fault> ALL = Stream.of(
                    FlinkFaults.ALL, PostgresFaults.ALL, KafkaFaults.ALL, OperatorActions.ALL)
            .flatMap(List::stream)
            .toList();

    private Faults() {}
}
