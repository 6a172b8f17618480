package io.ollyscale.faults.kinds;

import io.ollyscale.faults.rounds.Servers;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;

/** All kinds. */
public final class Faults {
    public static final List<Fault> ALL = Stream.of(
                    FlinkFaults.ALL, PostgresFaults.ALL, KafkaFaults.ALL, OperatorActions.ALL)
            .flatMap(List::stream)
            .toList();

    private Faults() {}

    /** Mends what a fault may have left behind that failed half-way; does nothing where all is well. */
    public static void mend(Servers servers) throws IOException, SQLException {
        servers.postgres().mend();
        servers.broker().start();
        FlinkFaults.mendCheckpoints(servers.flink());
        servers.restore();
    }
}
