package io.ollyscale.functions.quarantine;

import static org.assertj.core.api.Assertions.assertThat;

import io.ollyscale.functions.source.RawHeader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReplayTicketTest {
    private static final ReplayTicket TICKET =
            new ReplayTicket(42, UUID.fromString("0f8fad5b-d9cb-469f-a165-70867728950e"));

    @Test
    void readsWhatItWrites() {
        assertThat(new String(TICKET.toBytes(), StandardCharsets.US_ASCII))
                .isEqualTo("42:0f8fad5b-d9cb-469f-a165-70867728950e");
        assertThat(ReplayTicket.of(List.of(new RawHeader("a", null), header(TICKET.toBytes()))))
                .contains(TICKET);
    }

    @Test
    void takesTheLastOfSeveral() {
        ReplayTicket earlier = new ReplayTicket(7, TICKET.token());
        assertThat(ReplayTicket.of(List.of(header(earlier.toBytes()), header(TICKET.toBytes()))))
                .contains(TICKET);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                "42",
                "42:",
                ":0f8fad5b-d9cb-469f-a165-70867728950e",
                "-1:0f8fad5b-d9cb-469f-a165-70867728950e",
                "9999999999999999999:0f8fad5b-d9cb-469f-a165-70867728950e",
                "42:0f8fad5b-d9cb-469f-a165-70867728950",
                "42:0F8FAD5B-D9CB-469F-A165-70867728950E",
                "42:0f8fad5b-d9cb-469f-a165-70867728950e\n",
                " 42:0f8fad5b-d9cb-469f-a165-70867728950e",
                "٤٢:0f8fad5b-d9cb-469f-a165-70867728950e"
            })
    void takesWhatNoReplayWritesForNone(String value) {
        byte[] bytes = value == null ? null : value.getBytes(StandardCharsets.UTF_8);
        assertThat(ReplayTicket.of(List.of(header(bytes)))).isEmpty();
    }

    private static RawHeader header(byte[] value) {
        return new RawHeader(ReplayTicket.HEADER, value);
    }
}
