package io.ollyscale.jobs.cli.recording;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.google.protobuf.Message;
import io.ollyscale.schema.json.OtlpJsonException;
import io.ollyscale.schema.json.OtlpJsonWriter;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.testing.MessageVariants;
import io.ollyscale.schema.testing.NumberedRecords;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class JsonRecordsTest {

    @ParameterizedTest
    @EnumSource
    void makesTheOneOfTheOther(Signal signal) throws IOException, OtlpJsonException {
        JsonRecords records = new JsonRecords(signal);
        Message message = NumberedRecords.numbered(signal, 0, 500);

        byte[] json = records.toJson(message.toByteArray());

        assertThat(json).isEqualTo(OtlpJsonWriter.write(message));
        assertThat(records.toProtobuf(json)).isEqualTo(message.toByteArray());
        assertThat(records.leftOut()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void countsFieldsThatJsonLosesWhereverTheyAre(Signal signal) throws IOException {
        Map<String, ? extends Message> newer = MessageVariants.withAnUnknownField(NumberedRecords.allFields(signal));
        long ofOthers = leftOut(signal, NumberedRecords.allFields(signal));

        assertThat(newer).isNotEmpty();
        for (Map.Entry<String, ? extends Message> message : newer.entrySet()) {
            assertThat(leftOut(signal, message.getValue())).as(message.getKey()).isEqualTo(ofOthers + 1);
        }
    }

    @Test
    void countsKeysThatNoFieldHas() throws OtlpJsonException {
        JsonRecords records = new JsonRecords(Signal.LOGS);

        records.toProtobuf("{\"resourceLogs\": [{\"newer\": 1}], \"newest\": {}}".getBytes(UTF_8));
        records.toProtobuf("{\"newest\": {}}".getBytes(UTF_8));

        assertThat(records.leftOut()).isEqualTo(3);
    }

    @Test
    void refusesWhatIsNoMessage() {
        assertThatIOException().isThrownBy(() -> new JsonRecords(Signal.LOGS).toJson(new byte[] {10, 9}));
    }

    private static long leftOut(Signal signal, Message message) throws IOException {
        JsonRecords records = new JsonRecords(signal);
        records.toJson(message.toByteArray());
        return records.leftOut();
    }
}
