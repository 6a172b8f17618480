package io.ollyscale.jobs.otlp;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** Makes gzip, bombs too. */
final class Gzip {
    private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 0};
    private static final int SEGMENT = 64 << 20;

    private Gzip() {}

    static byte[] of(byte[] plain) {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(compressed)) {
            out.write(plain);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return compressed.toByteArray();
    }

    /**
     * One member of about so many zeros, a thousandth of that in size. It has no valid checksum, which nobody who looks at
     * his limits comes to.
     */
    static byte[] ofZeros(long count) {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        bomb.writeBytes(HEADER);
        byte[] segment = segment();
        for (long zeros = 0; zeros < count; zeros += SEGMENT) {
            bomb.writeBytes(segment);
        }
        return bomb.toByteArray();
    }

    /** Compressed without the last block's mark, so that it can be repeated. */
    private static byte[] segment() {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        deflater.setInput(new byte[SEGMENT]);
        byte[] compressed = new byte[SEGMENT / 500];
        int length = deflater.deflate(compressed, 0, compressed.length, Deflater.FULL_FLUSH);
        deflater.end();
        return java.util.Arrays.copyOf(compressed, length);
    }
}
