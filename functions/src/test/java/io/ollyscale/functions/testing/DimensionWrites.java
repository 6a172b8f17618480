package io.ollyscale.functions.testing;

import io.ollyscale.functions.dimensions.DimensionSink;
import io.ollyscale.functions.dimensions.Sighting;
import io.ollyscale.functions.postgres.PostgresConnection;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.connector.sink2.CommittableMessage;
import org.apache.flink.streaming.runtime.operators.sink.SinkWriterOperatorFactory;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;

/** Writes dimensions as a job does, without one. */
public final class DimensionWrites {
    private DimensionWrites() {}

    /** Returns when they are committed. */
    public static void write(PostgresConnection postgres, Iterable<Sighting> sightings) throws Exception {
        OneInputStreamOperatorTestHarness<Sighting, CommittableMessage<Sighting>> harness =
                new OneInputStreamOperatorTestHarness<>(
                        new SinkWriterOperatorFactory<>(new DimensionSink(postgres, 1_000)),
                        TypeInformation.of(Sighting.class).createSerializer(new SerializerConfigImpl()));
        harness.open();
        for (Sighting sighting : sightings) {
            harness.processElement(new StreamRecord<>(sighting));
        }
        harness.prepareSnapshotPreBarrier(1);
        harness.close();
    }
}
