package io.ollyscale.faults.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Ports on 127.0.0.1. */
public final class FreePorts {

    /*
     * Below the ports that Linux and macOS give to outgoing connections: while a server is down, a client that keeps
     * trying to reach it would otherwise be given the very port and take it.
     */
    private static final int LOWEST = 16_000;
    private static final int HIGHEST = 32_000;
    private static final int ATTEMPTS = 1_000;

    private FreePorts() {}

    /** @return a port that nobody listened on a moment ago */
    public static int any() {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
            try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
                return free.getLocalPort();
            } catch (IOException occupied) {
                continue;
            }
        }
        throw new ProcessException("No free port on 127.0.0.1 between " + LOWEST + " and " + HIGHEST + ".");
    }
}
