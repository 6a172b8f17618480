package io.ollyscale.faults.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/** A client's connection through the proxy: a thread for each direction, which ends with the connection. */
final class ProxiedConnection {

    private static final int BUFFER = 64 * 1024;

    private interface Messages {
        int read(byte[] bytes, int length) throws IOException;
    }

    private final Socket client;
    private final int serverPort;
    private final Flow flow;
    private final ArmedCuts cuts;
    private final LongAdder bytes;
    private final Consumer<ProxiedConnection> whenEnded;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final FrontendMessages fromClient = new FrontendMessages(new ClientObserver());
    private final BackendMessages fromServer = new BackendMessages(this::completes);
    private final Socket server = new Socket();

    /** Completed when this connection has been cut, by the thread that cuts it; null as long as none does. */
    private volatile CompletableFuture<Void> cut;

    /** The cut that waits for the server's answer to a COMMIT, if any. */
    private final AtomicReference<ArmedCuts.AtCommit> unanswered = new AtomicReference<>();

    ProxiedConnection(
            Socket client,
            int serverPort,
            Flow flow,
            ArmedCuts cuts,
            LongAdder bytes,
            Consumer<ProxiedConnection> whenEnded) {
        this.client = client;
        this.serverPort = serverPort;
        this.flow = flow;
        this.cuts = cuts;
        this.bytes = bytes;
        this.whenEnded = whenEnded;
    }

    void start() {
        startThread("to server", this::toServer);
    }

    /** Ends both sides as a crash of the network does, without a farewell. */
    void reset() {
        end(true);
    }

    private interface Transfer {
        void run() throws IOException, InterruptedException;
    }

    private void startThread(String name, Transfer transfer) {
        Thread thread = new Thread(
                () -> {
                    try {
                        transfer.run();
                    } catch (IOException e) {
                        // One of the two has gone, and the other is to see just that.
                        end(false);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        end(false);
                    }
                },
                "postgres-proxy-" + client.getPort() + " " + name);
        thread.setDaemon(true);
        thread.start();
    }

    private void toServer() throws IOException, InterruptedException {
        // A server that has stalled doesn't hear of new clients either.
        flow.await(0, ended::get);
        server.setTcpNoDelay(true);
        server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), serverPort));
        startThread("to client", () -> pump(server, client, fromServer::read));
        pump(client, server, fromClient::read);
    }

    private void pump(Socket from, Socket to, Messages messages) throws IOException, InterruptedException {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        byte[] buffer = new byte[BUFFER];
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            flow.await(read, ended::get);
            int passing = messages.read(buffer, read);
            out.write(buffer, 0, passing);
            bytes.add(passing);
            if (passing < read) {
                end(true);
                // Also where the connection has ended for another reason in the same moment.
                cut.complete(null);
                return;
            }
        }
        flow.await(0, ended::get);
        end(false);
    }

    private void end(boolean reset) {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        close(client, reset);
        close(server, reset);
        flow.wake();
        whenEnded.accept(this);
        armAgain();
    }

    /** A COMMIT that the server never answered: its cut is for another. */
    private void armAgain() {
        ArmedCuts.AtCommit waiting = unanswered.getAndSet(null);
        if (waiting != null) {
            cuts.giveBack(waiting);
        }
    }

    private static void close(Socket socket, boolean reset) {
        try (socket) {
            if (reset && !socket.isClosed()) {
                socket.setSoLinger(true, 0);
            }
        } catch (IOException e) {
            // It is closed in any case, which is all that is left to do with it.
            return;
        }
    }

    /** Of the server; the client may hear of it or not. */
    private boolean completes(String tag) {
        ArmedCuts.AtCommit waiting = unanswered.getAndSet(null);
        if (waiting == null) {
            return true;
        }
        if (!tag.equals("COMMIT")) {
            cuts.giveBack(waiting);
            return true;
        }
        cut = waiting.done();
        return false;
    }

    private final class ClientObserver implements FrontendMessages.Observer {

        @Override
        public void asksForEncryption() {
            fromServer.expectAByte();
        }

        @Override
        public int copiesData(int length) {
            ArmedCuts.CopyPart part = cuts.copy(length);
            if (part.done() != null) {
                cut = part.done();
            }
            return part.passing();
        }

        @Override
        public boolean commits() {
            ArmedCuts.AtCommit armed = cuts.takeAtCommit().orElse(null);
            if (armed == null) {
                return true;
            }
            if (armed.kind() == CommitCut.BEFORE_IT_IS_ANSWERED) {
                unanswered.set(armed);
                if (ended.get()) {
                    armAgain();
                }
                return true;
            }
            cut = armed.done();
            return false;
        }
    }
}
