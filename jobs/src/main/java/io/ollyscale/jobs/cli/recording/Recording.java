package io.ollyscale.jobs.cli.recording;

import com.github.luben.zstd.ZstdInputStream;
import io.ollyscale.jobs.UserFailure;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/**
 * A file of recorded OTLP, read record by record: no more than one record is in memory. Plain, gzip or zstd, which the
 * content says, not the name. Every problem is a {@link UserFailure} that names the file and the record. Not for several
 * threads.
 */
public final class Recording implements AutoCloseable {

    private static final int BUFFER_BYTES = 1 << 16;
    private static final byte[] GZIP = {0x1F, (byte) 0x8B};
    private static final byte[] ZSTD = {0x28, (byte) 0xB5, 0x2F, (byte) 0xFD};

    private final Path file;
    private final FileChannel channel;
    private final InputStream content;
    private final RecordingFormat format;
    private long number;

    private Recording(Path file, FileChannel channel, InputStream content, RecordingFormat format) {
        this.file = file;
        this.channel = channel;
        this.content = content;
        this.format = format;
    }

    /** @param format null for the one that the content has */
    public static Recording open(Path file, RecordingFormat format) {
        if (!Files.isRegularFile(file)) {
            throw new UserFailure(Files.exists(file) ? file + " is no file" : "There is no file " + file);
        }
        FileChannel channel = null;
        try {
            channel = FileChannel.open(file);
            InputStream content = new BufferedInputStream(decompressed(channel), BUFFER_BYTES);
            byte[] head = peek(content, RecordingFormat.HEAD_BYTES);
            content.skipNBytes(RecordingFormat.byteOrderMark(head));
            return new Recording(file, channel, content, format != null ? format : detect(file, head));
        } catch (IOException | RuntimeException e) {
            closeAfter(e, channel);
            throw e instanceof UserFailure failure
                    ? failure
                    : new UserFailure("Can't read " + file + ": " + e.getMessage(), e);
        }
    }

    private static RecordingFormat detect(Path file, byte[] head) {
        if (head.length == 0) {
            throw new UserFailure(file + " is empty");
        }
        byte[] text = Arrays.copyOfRange(head, RecordingFormat.byteOrderMark(head), head.length);
        return Optional.ofNullable(text.length == 0 ? null : RecordingFormat.of(text))
                .orElseThrow(() -> new UserFailure(
                        file + " is no OTLP recording: neither framed protobuf, nor a protobuf message, nor JSON"
                                + " (--format says which it is)"));
    }

    /** The next record, as it stands in the file. */
    public Optional<byte[]> next() {
        try {
            Optional<byte[]> record = Optional.ofNullable(format.next(content));
            number += record.isPresent() ? 1 : 0;
            return record;
        } catch (EOFException e) {
            throw failure(number + 1, "the file ends in the middle of it", e);
        } catch (IOException e) {
            throw failure(number + 1, "can't be read: " + e.getMessage(), e);
        }
    }

    /** The number of the record that {@link #next} returned last, from 1. */
    public long number() {
        return number;
    }

    /** How far the file is read, of {@link #size}: as it is stored, so compressed. */
    public long bytesRead() {
        try {
            return channel.position();
        } catch (IOException e) {
            throw new UserFailure("Can't read " + file + ": " + e, e);
        }
    }

    public static long size(Path file) {
        return file.toFile().length();
    }

    public Path file() {
        return file;
    }

    public RecordingFormat format() {
        return format;
    }

    /** What is wrong with the record that {@link #next} returned last. */
    public UserFailure failure(String problem, Throwable cause) {
        return failure(number, problem, cause);
    }

    private UserFailure failure(long record, String problem, Throwable cause) {
        return new UserFailure(file + ", record " + record + ": " + problem, cause);
    }

    @Override
    public void close() {
        try {
            content.close();
        } catch (IOException e) {
            throw new UserFailure("Can't close " + file + ": " + e, e);
        }
    }

    private static InputStream decompressed(FileChannel channel) throws IOException {
        InputStream stored = new BufferedInputStream(Channels.newInputStream(channel), BUFFER_BYTES);
        byte[] magic = peek(stored, ZSTD.length);
        if (startsWith(magic, GZIP)) {
            return new GZIPInputStream(stored, BUFFER_BYTES);
        }
        return startsWith(magic, ZSTD) ? new ZstdInputStream(stored) : stored;
    }

    private static byte[] peek(InputStream in, int bytes) throws IOException {
        in.mark(bytes);
        byte[] head = in.readNBytes(bytes);
        in.reset();
        return head;
    }

    private static boolean startsWith(byte[] head, byte[] magic) {
        return head.length >= magic.length && Arrays.equals(head, 0, magic.length, magic, 0, magic.length);
    }

    private static void closeAfter(Exception failure, FileChannel channel) {
        if (channel == null) {
            return;
        }
        try {
            channel.close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }
}
