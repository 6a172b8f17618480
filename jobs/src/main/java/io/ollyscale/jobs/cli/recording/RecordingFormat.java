package io.ollyscale.jobs.cli.recording;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Locale;

/** How records stand one after another in a recording, after decompression. */
public enum RecordingFormat {

    /** Protobuf messages, each behind its length as a big-endian u32, as the Collector's file exporter writes them. */
    FRAMED {
        @Override
        byte[] next(InputStream in) throws IOException {
            byte[] prefix = in.readNBytes(Integer.BYTES);
            if (prefix.length == 0) {
                return null;
            }
            if (prefix.length < Integer.BYTES) {
                throw new EOFException();
            }
            long length = Integer.toUnsignedLong(ByteBuffer.wrap(prefix).getInt());
            if (length > MAX_MESSAGE_BYTES) {
                throw new IOException("a frame of " + length + " bytes, which no Kafka record holds");
            }
            byte[] record = in.readNBytes((int) length);
            if (record.length < length) {
                throw new EOFException();
            }
            return record;
        }
    },

    /** One protobuf message, which is the whole file. */
    PROTOBUF {
        @Override
        byte[] next(InputStream in) throws IOException {
            byte[] record = in.readNBytes(MAX_MESSAGE_BYTES + 1);
            if (record.length > MAX_MESSAGE_BYTES) {
                throw new IOException(
                        "a message of more than " + MAX_MESSAGE_BYTES + " bytes, which no Kafka record holds");
            }
            return record.length == 0 ? null : record;
        }
    },

    /** JSON documents, one or many, each on one line or on several. */
    JSON {
        @Override
        byte[] next(InputStream in) throws IOException {
            int first = in.read();
            while (isBlank(first)) {
                first = in.read();
            }
            if (first < 0) {
                return null;
            }
            if (first != '{') {
                throw new IOException("a JSON object is expected");
            }
            return object(in);
        }

        /** Its end is found by counting braces outside strings; whether it is valid is for others to say. */
        private byte[] object(InputStream in) throws IOException {
            ByteArrayOutputStream document = new ByteArrayOutputStream(8192);
            document.write('{');
            boolean inString = false;
            for (int depth = 1; depth > 0; ) {
                int b = in.read();
                if (b < 0) {
                    throw new EOFException();
                }
                document.write(b);
                if (document.size() > MAX_DOCUMENT_BYTES) {
                    throw new IOException("a JSON document of more than " + MAX_DOCUMENT_BYTES + " bytes");
                }
                if (b == '"') {
                    inString = !inString;
                } else if (inString && b == '\\') {
                    document.write(in.read());
                } else if (!inString && b == '{') {
                    depth++;
                } else if (!inString && b == '}') {
                    depth--;
                }
            }
            return document.toByteArray();
        }
    };

    /** The largest record that Kafka is set up for. */
    public static final int MAX_MESSAGE_BYTES = 64 << 20;

    /** JSON is several times as long as the message that it stands for. */
    private static final int MAX_DOCUMENT_BYTES = 4 * MAX_MESSAGE_BYTES;

    /** How much of a file or record {@link #of} wants to see. */
    public static final int HEAD_BYTES = 4096;

    /** As people write it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @return the next record's bytes; null behind the last one */
    abstract byte[] next(InputStream in) throws IOException;

    /**
     * Tells the formats apart by their first bytes.
     *
     * @return null where they are those of none
     */
    public static RecordingFormat of(byte[] head) {
        int position = 0;
        while (position < head.length && isBlank(head[position])) {
            position++;
        }
        boolean brace = position < head.length && head[position] == '{';
        // A list of ResourceSpans, -Logs or -Metrics begins with 0x0A, which is a line feed too, and may be 123 bytes
        // long, which is a brace: then a brace is one when a name or another brace follows.
        if (brace && (head[0] != '\n' || isObject(head, position + 1))) {
            return JSON;
        }
        // The highest byte of a length up to 64 MB.
        if (head[0] >= 0 && head[0] <= MAX_MESSAGE_BYTES >>> 24) {
            return FRAMED;
        }
        return head[0] == '\n' ? PROTOBUF : null;
    }

    /** How many bytes to skip before the first record. */
    static int byteOrderMark(byte[] head) {
        boolean marked = head.length >= 3 && head[0] == (byte) 0xEF && head[1] == (byte) 0xBB && head[2] == (byte) 0xBF;
        return marked ? 3 : 0;
    }

    private static boolean isObject(byte[] head, int behindBrace) {
        int position = behindBrace;
        while (position < head.length && isBlank(head[position])) {
            position++;
        }
        if (position + 1 >= head.length) {
            return position < head.length && head[position] == '}';
        }
        return head[position] == '}' || head[position] == '"' && head[position + 1] >= ' ';
    }

    private static boolean isBlank(int b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }
}
