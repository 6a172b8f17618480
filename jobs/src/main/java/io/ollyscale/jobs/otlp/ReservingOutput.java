package io.ollyscale.jobs.otlp;

import java.io.OutputStream;

/** Bytes in memory that is reserved before it is taken. Throws {@link RefusedRequestException} where there is too little. */
final class ReservingOutput extends OutputStream {
    private static final int FIRST_CAPACITY = 8 << 10;

    private final InFlight.Place place;
    private byte[] bytes = new byte[0];
    private int length;

    ReservingOutput(InFlight.Place place) {
        this.place = place;
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int count) {
        if (count > bytes.length - length) {
            int capacity = Math.max(2 * bytes.length, Math.max(length + count, FIRST_CAPACITY));
            bytes = RequestBytes.resized(bytes, capacity, place);
        }
        System.arraycopy(source, offset, bytes, length, count);
        length += count;
    }

    /** What was written. Nothing may be written any more. */
    byte[] bytes() {
        return RequestBytes.resized(bytes, length, place);
    }
}
