package io.ollyscale.functions.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ollyscale.functions.ledger.LedgerPosition;
import io.ollyscale.functions.ledger.LedgerPositionSerializer;
import io.ollyscale.functions.ledger.PartitionKey;
import java.io.IOException;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LedgerPositionSerializerTest {
    private final LedgerPositionSerializer serializer = new LedgerPositionSerializer();

    @ParameterizedTest
    @CsvSource({
        "MkU3OEVBNTcwNTJENDM2Qg, 0Y7tnXJ1R7m0g1sHmnpXbA, otlp_spans, 0, 0, -1",
        "cluster, otlp_spans, otlp_spans, 2147483647, 9223372036854775807, 2147483647",
        "'', '', 'тема', 3, 12, 7"
    })
    void readsWhatItWrote(String cluster, String id, String topic, int partition, long offset, int epoch)
            throws IOException {
        LedgerPosition position = new LedgerPosition(new PartitionKey(cluster, id, topic, partition), offset, epoch);

        assertThat(serializer.deserialize(serializer.getVersion(), serializer.serialize(position)))
                .isEqualTo(position);
    }

    /** What is in savepoints must stay readable. */
    @Test
    void readsVersionOne() throws IOException {
        byte[] savepoint = Base64.getDecoder().decode("AAdjbHVzdGVyAAJpZAAKb3RscF9zcGFucwAAAAMAAAAAAAAADAAAAAc=");

        assertThat(serializer.deserialize(1, savepoint))
                .isEqualTo(new LedgerPosition(new PartitionKey("cluster", "id", "otlp_spans", 3), 12, 7));
    }

    @Test
    void refusesVersionOfNewerRelease() {
        assertThatThrownBy(() -> serializer.deserialize(2, new byte[0]))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("version 2");
    }
}
