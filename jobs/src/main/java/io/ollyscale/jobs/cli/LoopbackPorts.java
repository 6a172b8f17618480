package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.UserFailure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Ports of 127.0.0.1 that a command is about to listen on. */
final class LoopbackPorts {

    private LoopbackPorts() {}

    /**
     * Looks at all of them before anything is started.
     *
     * @param ports by the option that names them; 0 stands for any
     * @throws UserFailure if one is taken, or two options name the same one; with all such options
     */
    static void requireFree(Map<String, Integer> ports) {
        List<String> taken = new ArrayList<>();
        List<ServerSocket> held = new ArrayList<>();
        try {
            for (Map.Entry<String, Integer> port : ports.entrySet()) {
                ServerSocket socket = new ServerSocket();
                held.add(socket);
                if (port.getValue() > 0 && !bind(socket, port.getValue())) {
                    taken.add(port.getValue() + " (" + port.getKey() + ")");
                }
            }
        } catch (IOException e) {
            throw new UserFailure("No socket can be opened: " + e.getMessage(), e);
        } finally {
            held.forEach(LoopbackPorts::close);
        }
        if (!taken.isEmpty()) {
            throw new UserFailure((taken.size() == 1 ? "Port " : "Ports ") + String.join(", ", taken)
                    + " of 127.0.0.1 can't be used: stop what listens there, perhaps another local mode, or choose"
                    + (taken.size() == 1 ? " another" : " others") + " with that option, 0 for any free one");
        }
    }

    private static boolean bind(ServerSocket socket, int port) {
        try {
            socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static void close(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UserFailure("A socket can't be closed: " + e.getMessage(), e);
        }
    }
}
