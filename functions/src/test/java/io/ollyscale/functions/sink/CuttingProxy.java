package io.ollyscale.functions.sink;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/** Stands between a writer and PostgreSQL, and cuts connections when it is told to. */
final class CuttingProxy implements AutoCloseable {

    /** Where the next COMMIT finds its connection cut. */
    enum Cut {
        NONE,
        /** The server never hears of it, and rolls back. */
        BEFORE_COMMIT_ARRIVES,
        /** The server has committed, and the writer never hears of it. */
        BEFORE_COMMIT_IS_ANSWERED
    }

    private static final String COMMIT = "COMMIT";

    private final int target;
    private final ServerSocket listener;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicReference<Cut> next = new AtomicReference<>(Cut.NONE);

    /** @param target the server's port on the loopback interface */
    CuttingProxy(int target) throws IOException {
        this.target = target;
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start("accepts", this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    void cutAtNextCommit(Cut cut) {
        next.set(cut);
    }

    /** Ends all connections and accepts no more, as a server does that is down. */
    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = listener.accept();
            Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
            sockets.add(client);
            sockets.add(server);
            AtomicReference<Cut> cut = new AtomicReference<>(Cut.NONE);
            start(
                    "to server",
                    () -> pump(client, server, bytes -> {
                        if (bytes.contains(COMMIT)) {
                            cut.set(next.getAndSet(Cut.NONE));
                        }
                        return cut.get() != Cut.BEFORE_COMMIT_ARRIVES;
                    }));
            start("to client", () -> pump(server, client, bytes -> cut.get() != Cut.BEFORE_COMMIT_IS_ANSWERED));
        }
    }

    /** Says whether some bytes may pass; if not, the connection ends. */
    private interface Gate {
        boolean lets(String bytes);
    }

    private void pump(Socket from, Socket to, Gate gate) throws IOException {
        try (from;
                to;
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            byte[] bytes = new byte[64 * 1024];
            for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
                if (!gate.lets(new String(bytes, 0, read, StandardCharsets.ISO_8859_1))) {
                    return;
                }
                out.write(bytes, 0, read);
                out.flush();
            }
        }
    }

    private interface Transfer {
        void run() throws IOException;
    }

    private void start(String name, Transfer transfer) {
        Thread thread = new Thread(
                () -> {
                    try {
                        transfer.run();
                    } catch (IOException e) {
                        // The other direction, or the test, has ended the connection.
                        return;
                    }
                },
                "proxy " + name);
        thread.setDaemon(true);
        thread.start();
    }
}
