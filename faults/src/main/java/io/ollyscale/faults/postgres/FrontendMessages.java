package io.ollyscale.faults.postgres;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Finds the messages in what a client sends to PostgreSQL, however they are spread over reads, and reads as much of them as
 * it takes to know a COMMIT and the data of a COPY. See "Message Formats" in PostgreSQL's documentation. One for each
 * connection; not safe for use by several threads.
 */
final class FrontendMessages {

    /** Told before the bytes pass. */
    interface Observer {

        /** The server answers with one byte, which is no message. */
        void asksForEncryption();

        /**
         * @param bytes of rows, or parts of them, in the next bytes
         * @return how many of them may pass; fewer ends the connection
         */
        int copiesData(int bytes);

        /** @return whether the message that executes it may pass; if not, the connection ends */
        boolean commits();
    }

    private static final int STARTUP_HEADER = 8;
    private static final int HEADER = 5;
    private static final int LENGTH = 4;
    private static final int CANCEL_REQUEST = 80877102;
    private static final int SSL_REQUEST = 80877103;
    private static final int GSS_REQUEST = 80877104;
    /** Enough for names of a driver's statements and the beginning of a statement. */
    private static final int EXCERPT = 256;

    private static final Pattern COMMIT = Pattern.compile("\\s*(COMMIT|END)\\b(?!\\s+PREPARED).*", Pattern.DOTALL);

    private final Observer observer;
    private final byte[] header = new byte[STARTUP_HEADER];
    private final byte[] excerpt = new byte[EXCERPT];
    /** Names of prepared statements that are a COMMIT; "" is the one without a name. */
    private final Set<String> commits = new HashSet<>();

    private boolean startup = true;
    private int headerBytes;
    private int excerptBytes;
    private long left;

    FrontendMessages(Observer observer) {
        this.observer = observer;
    }

    /**
     * Reads on.
     *
     * @return how many of the bytes may pass; fewer than there are ends the connection behind them
     * @throws IOException if this isn't PostgreSQL's protocol
     */
    int read(byte[] bytes, int length) throws IOException {
        int at = 0;
        int messageStart = 0;
        while (at < length) {
            if (headerBytes < headerLength()) {
                if (headerBytes == 0) {
                    messageStart = at;
                }
                header[headerBytes++] = bytes[at++];
                if (headerBytes == headerLength()) {
                    begin();
                }
            } else {
                int part = (int) Math.min(left, length - at);
                int passing = startup ? part : body(bytes, at, part);
                if (passing < 0) {
                    return messageStart;
                }
                if (passing < part) {
                    return at + passing;
                }
                at += part;
                left -= part;
            }
            if (headerBytes == headerLength() && left == 0) {
                end();
            }
        }
        return length;
    }

    private int headerLength() {
        return startup ? STARTUP_HEADER : HEADER;
    }

    private void begin() throws IOException {
        left = startup ? number(0) - (long) STARTUP_HEADER : number(1) - (long) LENGTH;
        if (left < 0) {
            throw new IOException("a message of PostgreSQL's protocol has no length of " + left);
        }
        excerptBytes = 0;
        if (startup && (number(LENGTH) == SSL_REQUEST || number(LENGTH) == GSS_REQUEST)) {
            observer.asksForEncryption();
        }
    }

    private void end() {
        if (startup) {
            int code = number(LENGTH);
            startup = code == SSL_REQUEST || code == GSS_REQUEST || code == CANCEL_REQUEST;
        }
        headerBytes = 0;
    }

    /** Returns how many of the bytes may pass, or a negative number if the whole message may not. */
    private int body(byte[] bytes, int from, int length) {
        byte type = header[0];
        if (type == 'd') {
            return observer.copiesData(length);
        }
        if (type != 'Q' && type != 'P' && type != 'B' && type != 'C') {
            return length;
        }
        int missing = EXCERPT - excerptBytes;
        int added = Math.min(missing, length);
        System.arraycopy(bytes, from, excerpt, excerptBytes, added);
        excerptBytes += added;
        boolean enough = added > 0 && (excerptBytes == EXCERPT || length == left);
        return enough && executesCommit(type) && !observer.commits() ? -1 : length;
    }

    private boolean executesCommit(byte type) {
        String[] texts = new String(excerpt, 0, excerptBytes, StandardCharsets.UTF_8).split("\0", -1);
        switch (type) {
            case 'Q':
                return isCommit(texts[0]);
            case 'P':
                if (texts.length > 1 && isCommit(texts[1])) {
                    commits.add(texts[0]);
                } else {
                    commits.remove(texts[0]);
                }
                return false;
            case 'B':
                return texts.length > 1 && commits.contains(texts[1]);
            default:
                // Close, of a statement or a portal.
                if (texts[0].startsWith("S")) {
                    commits.remove(texts[0].substring(1));
                }
                return false;
        }
    }

    private static boolean isCommit(String sql) {
        return COMMIT.matcher(sql.toUpperCase(Locale.ROOT)).matches();
    }

    private int number(int at) {
        return ByteBuffer.wrap(header).getInt(at);
    }
}
