package io.ollyscale.jobs.cli.recording;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.github.luben.zstd.Zstd;
import io.ollyscale.jobs.UserFailure;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecordingTest {

    private static final byte[] MESSAGE = message("checkout");

    private enum Compression {
        PLAIN,
        GZIP,
        ZSTD;

        byte[] of(byte[] content) throws IOException {
            return switch (this) {
                case PLAIN -> content;
                case ZSTD -> Zstd.compress(content);
                case GZIP -> {
                    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
                    try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
                        gzip.write(content);
                    }
                    yield compressed.toByteArray();
                }
            };
        }
    }

    @TempDir
    private Path directory;

    @ParameterizedTest
    @EnumSource
    void readsFrames(Compression compression) throws IOException {
        byte[] content = concat(frame(MESSAGE), frame(new byte[0]), frame(message("x".repeat(300_000))));

        assertThat(records(compression.of(content), RecordingFormat.FRAMED))
                .containsExactly(MESSAGE, new byte[0], message("x".repeat(300_000)));
    }

    @ParameterizedTest
    @EnumSource
    void readsASingleMessage(Compression compression) throws IOException {
        assertThat(records(compression.of(MESSAGE), RecordingFormat.PROTOBUF)).containsExactly(MESSAGE);
    }

    @ParameterizedTest
    @EnumSource
    void readsLinesOfJson(Compression compression) throws IOException {
        byte[] content = "{\"a\": \"}\"}\n{\"b\": {}}\r\n\n".getBytes(UTF_8);

        assertThat(texts(records(compression.of(content), RecordingFormat.JSON)))
                .containsExactly("{\"a\": \"}\"}", "{\"b\": {}}");
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "{\n  \"a\": [{}, \"\\\"{\\\\\"]\n}",
                "{}",
                "\n\n{\n\"a\": 1}",
                "\n{\n}",
                "\t {\"a\": \"ä\"}",
                "\uFEFF{\"a\": 1}"
            })
    void readsADocumentOfAnyShape(String document) throws IOException {
        assertThat(texts(records(document.getBytes(UTF_8), RecordingFormat.JSON)))
                .containsExactly(document.replace("\uFEFF", "").strip());
    }

    @Test
    void tellsAMessageFromJsonWhoseFirstBytesItHas() throws IOException {
        // 0A 7B 0A: a line feed, a brace and a line feed in JSON, and an envelope of 123 bytes in protobuf.
        byte[] message = message("x".repeat(101));
        assertThat(Arrays.copyOf(message, 3)).containsExactly(0x0A, 0x7B, 0x0A);

        assertThat(records(message, RecordingFormat.PROTOBUF)).containsExactly(message);
    }

    @Test
    void takesTheFormatThatItIsTold() throws IOException {
        Path file = Files.write(directory.resolve("recording"), new byte[] {0x12, 0});

        try (Recording recording = Recording.open(file, RecordingFormat.PROTOBUF)) {
            assertThat(recording.next()).contains(new byte[] {0x12, 0});
        }
    }

    @Test
    void saysWhichRecordIsCutOff() {
        byte[] content = concat(frame(MESSAGE), frame(MESSAGE));

        assertFailure(Arrays.copyOf(content, content.length - 1), "record 2: the file ends in the middle of it");
        assertFailure(Arrays.copyOf(content, frame(MESSAGE).length + 2), "record 2: the file ends in the middle of it");
        assertFailure("{}{\"a\": \"}".getBytes(UTF_8), "record 2: the file ends in the middle of it");
    }

    @Test
    void saysWhichRecordItCantRead() throws IOException {
        byte[] compressed = Zstd.compress(concat(frame(MESSAGE), frame(MESSAGE)));

        assertFailure(Arrays.copyOf(compressed, compressed.length - 1), "Truncated source");
        assertFailure(
                concat(frame(MESSAGE), new byte[] {-1, -1, -1, -1}),
                "record 2: can't be read: a frame of 4294967295 bytes");
        assertFailure("{} x".getBytes(UTF_8), "record 2: can't be read: a JSON object is expected");
    }

    @Test
    void refusesWhatIsNoRecording() {
        assertFailure("root:x:0:0".getBytes(UTF_8), "is no OTLP recording");
        assertFailure(new byte[0], "is empty");
        assertThatExceptionOfType(UserFailure.class)
                .isThrownBy(() -> Recording.open(directory.resolve("none"), null))
                .withMessageContaining("There is no file");
        assertThatExceptionOfType(UserFailure.class)
                .isThrownBy(() -> Recording.open(directory, null))
                .withMessageContaining("is no file");
    }

    private void assertFailure(byte[] content, String expected) {
        assertThatExceptionOfType(UserFailure.class)
                .isThrownBy(() -> records(content, null))
                .withMessageContaining(expected)
                .withMessageContaining(directory.toString());
    }

    /** @param expected null for any format */
    private List<byte[]> records(byte[] content, RecordingFormat expected) throws IOException {
        Path file = Files.write(directory.resolve("recording"), content);
        List<byte[]> records = new ArrayList<>();
        try (Recording recording = Recording.open(file, null)) {
            assertThat(recording.format()).isEqualTo(expected == null ? recording.format() : expected);
            for (Optional<byte[]> next = recording.next(); next.isPresent(); next = recording.next()) {
                records.add(next.get());
                assertThat(recording.number()).isEqualTo(records.size());
            }
            assertThat(recording.bytesRead()).isEqualTo(content.length);
        }
        return records;
    }

    private static List<String> texts(List<byte[]> records) {
        return records.stream().map(record -> new String(record, UTF_8)).toList();
    }

    private static byte[] message(String service) {
        Resource resource = Resource.newBuilder()
                .addAttributes(KeyValue.newBuilder()
                        .setKey("service.name")
                        .setValue(AnyValue.newBuilder().setStringValue(service)))
                .build();
        return TracesData.newBuilder()
                .addResourceSpans(ResourceSpans.newBuilder().setResource(resource))
                .build()
                .toByteArray();
    }

    private static byte[] frame(byte[] message) {
        return concat(ByteBuffer.allocate(Integer.BYTES).putInt(message.length).array(), message);
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
