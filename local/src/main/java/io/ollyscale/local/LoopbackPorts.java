package io.ollyscale.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Ports on 127.0.0.1. */
public final class LoopbackPorts {

    /** Stands for "any free port". */
    static final int ANY = 0;

    /*
     * Below the ports that Linux and macOS give to outgoing connections: while a server is stopped for a moment, a
     * client that keeps trying to reach it would otherwise be given the very port and take it.
     */
    private static final int LOWEST = 16_000;
    private static final int HIGHEST = 32_000;
    private static final int ATTEMPTS = 1_000;

    private LoopbackPorts() {}

    /** The given port if it is free, a free one for {@link #ANY}. */
    static int claim(int port, String server) {
        return port == ANY ? free() : requireFree(port, server);
    }

    /** A port that nobody listens on, and that no outgoing connection is given. */
    public static int free() {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
            try {
                bind(port);
                return port;
            } catch (IOException occupied) {
                continue;
            }
        }
        throw new LocalStackException(
                "No free port on 127.0.0.1 between " + LOWEST + " and " + HIGHEST + ": choose the ports yourself.");
    }

    static int requireFree(int port, String server) {
        try {
            bind(port);
            return port;
        } catch (IOException e) {
            throw new LocalStackException(
                    "Port " + port + " on 127.0.0.1 can't be used for " + server + " (" + e.getMessage()
                            + "): stop what listens there, or choose another port.",
                    e);
        }
    }

    private static void bind(int port) throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
        }
    }
}
