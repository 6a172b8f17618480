package io.ollyscale.jobs.cli;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ollyscale.jobs.UserFailure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LoopbackPortsTest {

    @Test
    void namesEachOptionWhosePortIsTaken() throws IOException {
        InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        try (ServerSocket first = new ServerSocket(0, 1, loopback);
                ServerSocket second = new ServerSocket(0, 1, loopback)) {
            Map<String, Integer> ports = new TreeMap<>(Map.of(
                    "--kafka-port", first.getLocalPort(), "--postgres-port", second.getLocalPort(), "--ui-port", 0));

            assertThatExceptionOfType(UserFailure.class)
                    .isThrownBy(() -> LoopbackPorts.requireFree(ports))
                    .withMessageContainingAll(
                            first.getLocalPort() + " (--kafka-port)", second.getLocalPort() + " (--postgres-port)")
                    .withMessageNotContaining("--ui-port");
        }
    }

    @Test
    void findsThatTwoOptionsNameOnePort() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }

        assertThatCode(() -> LoopbackPorts.requireFree(Map.of("--a", port))).doesNotThrowAnyException();
        assertThatExceptionOfType(UserFailure.class)
                .isThrownBy(() -> LoopbackPorts.requireFree(Map.of("--a", port, "--b", port)));
    }
}
