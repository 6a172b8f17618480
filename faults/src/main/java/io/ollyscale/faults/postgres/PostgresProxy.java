package io.ollyscale.faults.postgres;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * The network between clients and PostgreSQL, on loopback, with its faults. It understands the protocol as far as it takes
 * to cut a connection at a chosen point of it; connections that are encrypted it refuses.
 *
 * <p>Safe for use by several threads.
 */
public final class PostgresProxy implements AutoCloseable {

    private static final int BACKLOG = 200;

    private final int serverPort;
    private final ServerSocket listener;
    private final Flow flow = new Flow();
    private final ArmedCuts cuts = new ArmedCuts();
    private final LongAdder bytes = new LongAdder();
    private final Set<ProxiedConnection> connections = ConcurrentHashMap.newKeySet();

    /** @param serverPort on loopback; where nobody listens, clients find their connection closed */
    public PostgresProxy(int serverPort) throws IOException {
        this.serverPort = serverPort;
        listener = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        Thread thread = new Thread(this::accept, "postgres-proxy-accept");
        thread.setDaemon(true);
        thread.start();
    }

    /** What clients connect to. */
    public int port() {
        return listener.getLocalPort();
    }

    /**
     * Cuts the connection that carries the next COMMIT. Cuts wait their turn; one that fails to commit doesn't count.
     *
     * @return completed when it has happened; cancelling it disarms the cut
     */
    public CompletableFuture<Void> cutAtCommit(CommitCut kind) {
        return cuts.add(kind);
    }

    /**
     * Cuts a COPY in the middle of its data.
     *
     * @param afterBytes of COPY data that pass before, over all connections; it is the one that carries the next byte that
     *     is cut
     * @return completed when it has happened; cancelling it disarms the cut
     */
    public CompletableFuture<Void> cutInCopy(long afterBytes) {
        return cuts.addInCopy(afterBytes);
    }

    /** Resets all connections, now. */
    public void cutAll() {
        connections.forEach(ProxiedConnection::reset);
    }

    /** Passes nothing from now on, and lets both sides believe that the other is there. New clients get no answer. */
    public void stall() {
        flow.stall(true);
    }

    /** Ends {@link #stall}: what was held back passes. */
    public void flow() {
        flow.stall(false);
    }

    /** @param bytesPerSecond over all connections and both directions; 0 for no limit */
    public void limit(long bytesPerSecond) {
        if (bytesPerSecond < 0) {
            throw new IllegalArgumentException("a negative rate: " + bytesPerSecond);
        }
        flow.limit(bytesPerSecond);
    }

    /** Passed so far, in both directions. */
    public long bytes() {
        return bytes.sum();
    }

    /** Resets all connections and accepts no more. */
    @Override
    public void close() throws IOException {
        listener.close();
        cutAll();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                client.setTcpNoDelay(true);
                ProxiedConnection connection =
                        new ProxiedConnection(client, serverPort, flow, cuts, bytes, connections::remove);
                connections.add(connection);
                if (listener.isClosed()) {
                    connection.reset();
                }
                connection.start();
            } catch (IOException e) {
                // Closed, or a client that was gone before it was accepted.
                continue;
            }
        }
    }
}
