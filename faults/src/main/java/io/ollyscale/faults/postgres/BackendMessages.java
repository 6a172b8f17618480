package io.ollyscale.faults.postgres;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Finds the messages in what PostgreSQL answers, and in them how a statement ended. One for each connection; read by one
 * thread.
 */
final class BackendMessages {

    /** Told when a statement has ended, before the client knows. */
    interface Observer {

        /**
         * @param tag such as {@code COMMIT}
         * @return whether the client may hear of it; if not, the connection ends
         */
        boolean completes(String tag);
    }

    private static final int HEADER = 5;
    private static final int LENGTH = 4;
    private static final int TAG = 64;

    private final Observer observer;
    private final byte[] header = new byte[HEADER];
    private final byte[] tag = new byte[TAG];

    private int headerBytes;
    private int tagBytes;
    private long left;
    private volatile boolean answersWithAByte;

    BackendMessages(Observer observer) {
        this.observer = observer;
    }

    /** The client has asked for encryption; called before the server hears of it, by another thread. */
    void expectAByte() {
        answersWithAByte = true;
    }

    /**
     * Reads on.
     *
     * @return how many of the bytes may pass; fewer than there are ends the connection behind them
     * @throws IOException if the server encrypts, and can't be understood any more
     */
    int read(byte[] bytes, int length) throws IOException {
        int at = 0;
        int messageStart = 0;
        while (at < length) {
            if (answersWithAByte) {
                answersWithAByte = false;
                if (bytes[at++] != 'N') {
                    throw new IOException("PostgreSQL encrypts its connections: the proxy can't read them");
                }
                continue;
            }
            if (headerBytes < HEADER) {
                if (headerBytes == 0) {
                    messageStart = at;
                }
                header[headerBytes++] = bytes[at++];
                if (headerBytes == HEADER) {
                    left = ByteBuffer.wrap(header).getInt(1) - (long) LENGTH;
                    tagBytes = 0;
                }
            } else {
                int part = (int) Math.min(left, length - at);
                if (header[0] == 'C') {
                    int added = Math.min(TAG - tagBytes, part);
                    System.arraycopy(bytes, at, tag, tagBytes, added);
                    tagBytes += added;
                    if (part == left && !observer.completes(completed())) {
                        return messageStart;
                    }
                }
                at += part;
                left -= part;
            }
            if (headerBytes == HEADER && left == 0) {
                headerBytes = 0;
            }
        }
        return length;
    }

    private String completed() {
        return new String(tag, 0, Math.max(0, tagBytes - 1), StandardCharsets.US_ASCII);
    }
}
