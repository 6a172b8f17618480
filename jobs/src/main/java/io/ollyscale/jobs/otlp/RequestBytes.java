package io.ollyscale.jobs.otlp;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

/** Reads what senders claim little or nothing true about: memory is taken for what has come, and within the limits. */
final class RequestBytes {
    private static final int FIRST_CAPACITY = 8 << 10;

    private final int limit;

    /** @param limit how many bytes a request may have */
    RequestBytes(int limit) {
        this.limit = limit;
    }

    /**
     * Reads to the end.
     *
     * @param frame bytes that the transport adds to a message
     * @throws RefusedRequestException if there is more than the limit
     */
    byte[] receive(InputStream in, int frame, InFlight.Place place) throws IOException {
        return read(in, limit + frame, place);
    }

    /**
     * Decompresses gzip.
     *
     * @param offset where it begins
     * @throws RefusedRequestException if it is none, is cut off, or expands beyond the limit
     */
    byte[] gunzip(byte[] compressed, int offset, InFlight.Place place) {
        InputStream body = new ByteArrayInputStream(compressed, offset, compressed.length - offset);
        try (GZIPInputStream in = new GZIPInputStream(body, FIRST_CAPACITY)) {
            return read(in, limit, place);
        } catch (IOException e) {
            throw RefusedRequestException.undecodable("", "The body is no gzip: " + e.getMessage());
        }
    }

    private byte[] read(InputStream in, int most, InFlight.Place place) throws IOException {
        byte[] bytes = resized(new byte[0], Math.min(FIRST_CAPACITY, most), place);
        int length = 0;
        while (true) {
            if (length == most) {
                if (in.read() < 0) {
                    return bytes;
                }
                throw new RefusedRequestException(
                        Problem.TOO_LARGE, "The request is larger than the limit of " + limit + " bytes");
            }
            if (length == bytes.length) {
                bytes = resized(bytes, (int) Math.min(2L * length, most), place);
            }
            int count = in.read(bytes, length, bytes.length - length);
            if (count < 0) {
                return length == bytes.length ? bytes : resized(bytes, length, place);
            }
            length += count;
        }
    }

    /** A copy of another length. Both are reserved while there are both. */
    static byte[] resized(byte[] bytes, int length, InFlight.Place place) {
        place.reserve(length);
        byte[] copy = Arrays.copyOf(bytes, length);
        place.release(bytes.length);
        return copy;
    }
}
