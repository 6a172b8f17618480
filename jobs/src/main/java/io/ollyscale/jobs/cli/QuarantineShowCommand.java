package io.ollyscale.jobs.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ollyscale.jobs.UserFailure;
import io.ollyscale.schema.otlp.RefusalReason;
import io.ollyscale.sql.Migrations;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows one record of quarantine with its bytes. */
@Command(
        name = "show",
        description = {
            "Shows one record of quarantine with its key, headers and payload, which are foreign data and may hold secrets.",
            "A payload of up to 4 MB that can be decoded is shown as OTLP/JSON, of any other the first kilobyte in"
                    + " hexadecimal."
        })
final class QuarantineShowCommand implements Callable<Integer> {

    private static final int LONGEST_TEXT = 20_000;
    private static final int LONGEST_VALUE = 200;
    private static final int DUMPED_BYTES = 1_024;

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConnectionOptions connections;

    @Parameters(paramLabel = "ID", description = "The record's number, as \"list\" shows it.")
    private long id;

    @Option(
            names = "--payload",
            paramLabel = "FILE",
            description =
                    "Write the payload to a new file, byte for byte, instead of showing it. The file is for you alone.")
    private Path file;

    @Option(names = "--force", description = "Replace the file if there is one.")
    private boolean force;

    @Option(
            names = "--json",
            description = "Print JSON, with the payload as OTLP/JSON, or as base64 where it is shown in hexadecimal.")
    private boolean json;

    private record Header(String key, byte[] value) {}

    /** @param key null where the record has none */
    private record Content(QuarantineRow row, byte[] key, List<Header> headers, byte[] payload) {}

    @Override
    public Integer call() throws SQLException, IOException {
        Content content;
        try (Connection connection = connections.connect()) {
            Migrations.verify(connection);
            content = read(connection);
        }
        if (file != null) {
            write(content.payload());
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            Json.print(out, json(content));
        } else {
            print(content, out);
        }
        return 0;
    }

    /** Only its owner may read it, as only some may read the table. */
    private void write(byte[] payload) throws IOException {
        if (force) {
            Files.deleteIfExists(file);
        }
        try (SeekableByteChannel channel = Files.newByteChannel(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer rest = ByteBuffer.wrap(payload);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
        } catch (FileAlreadyExistsException e) {
            throw new UserFailure("There is a file " + file + " already: --force replaces it", e);
        }
    }

    private Content read(Connection connection) throws SQLException {
        String sql = "SELECT " + QuarantineRow.COLUMNS + ", b.record_key, b.payload,"
                + " ARRAY(SELECT coalesce(decode(h ->> 'key_base64', 'base64'), convert_to(h ->> 'key', 'UTF8'))"
                + "   FROM jsonb_array_elements(b.headers) WITH ORDINALITY AS e (h, n) ORDER BY n) AS header_keys,"
                + " ARRAY(SELECT decode(h ->> 'value', 'base64')"
                + "   FROM jsonb_array_elements(b.headers) WITH ORDINALITY AS e (h, n) ORDER BY n) AS header_values"
                + " FROM otel.quarantine JOIN (SELECT id AS of_id, record_key, payload, headers FROM otel.quarantined_records)"
                + " AS b ON b.of_id = id WHERE id = ?";
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setLong(1, id);
            try (ResultSet row = query.executeQuery()) {
                if (!row.next()) {
                    throw new UserFailure("There is no quarantined record " + id);
                }
                byte[][] keys = (byte[][]) row.getArray("header_keys").getArray();
                byte[][] values = (byte[][]) row.getArray("header_values").getArray();
                List<Header> headers = new ArrayList<>();
                for (int i = 0; i < keys.length; i++) {
                    headers.add(new Header(new String(keys[i], StandardCharsets.UTF_8), values[i]));
                }
                return new Content(QuarantineRow.of(row), row.getBytes("record_key"), headers, row.getBytes("payload"));
            }
        }
    }

    // For people

    private void print(Content content, PrintWriter out) {
        QuarantineRow row = content.row();
        say(out, "Record", row.id() + ", " + row.signal());
        say(out, "Quarantined", row.quarantinedAt().toString());
        say(out, "Reason", row.reason());
        say(out, "Detail", TextTable.printable(row.detail(), LONGEST_TEXT));
        say(
                out,
                "Position",
                TextTable.printable(row.topic(), LONGEST_VALUE) + " partition " + row.partition() + " offset "
                        + row.offset()
                        + (row.part() == 0 ? "" : ", part " + row.part() + " of what was refused of it"));
        say(
                out,
                "Timestamp",
                row.recordTimestamp() == null ? "none" : row.recordTimestamp().toString());
        say(out, "Replay", replay(row));
        say(out, "Key", content.key() == null ? "none" : value(content.key()));
        if (content.headers().isEmpty()) {
            say(out, "Headers", "none");
        }
        for (Header header : content.headers()) {
            say(
                    out,
                    "Header",
                    TextTable.printable(header.key(), LONGEST_VALUE) + " = "
                            + (header.value() == null ? "null" : value(header.value())));
        }
        String size = String.format(Locale.ROOT, "%,d bytes", row.payloadSize());
        if (file != null) {
            say(out, "Payload", size + ", written to " + file);
            return;
        }
        say(out, "Payload", size);
        out.println();
        QuarantinePayload.json(row.signal(), content.payload())
                .ifPresentOrElse(text -> printPayload(text, row, out), () -> printDump(content.payload(), out));
    }

    private static void printPayload(String text, QuarantineRow row, PrintWriter out) {
        out.println(TextTable.printable(text.strip(), LONGEST_TEXT));
        if (text.strip().codePointCount(0, text.strip().length()) > LONGEST_TEXT) {
            out.println("(cut; --payload FILE writes all of it)");
        }
        if (row.reason().equals(RefusalReason.NEWER_OTLP.code())
                || row.reason().equals(RefusalReason.WRONG_SIGNAL.code())) {
            out.println("(without fields that aren't of " + row.signal() + " as this release knows them)");
        }
    }

    private static void printDump(byte[] payload, PrintWriter out) {
        out.print(QuarantinePayload.hexDump(payload, DUMPED_BYTES));
        if (payload.length > DUMPED_BYTES) {
            out.println("(the first kilobyte; --payload FILE writes all of it)");
        }
    }

    private static String replay(QuarantineRow row) {
        if (row.reason().equals(RefusalReason.NEWER_OTLP.code())) {
            return "none, its rows are stored already";
        }
        if (row.replayedAt() != null) {
            return "published " + row.replayedAt() + ", not stored yet";
        }
        return row.replayRequestedAt() == null ? "none" : "requested " + row.replayRequestedAt();
    }

    /** As text, if it is one. */
    private static String value(byte[] bytes) {
        Optional<String> text =
                QuarantinePayload.text(bytes).filter(read -> read.chars().noneMatch(Character::isISOControl));
        return text.map(read -> TextTable.printable(read, LONGEST_VALUE))
                .orElseGet(() -> TextTable.printable("\\x" + HexFormat.of().formatHex(bytes), LONGEST_VALUE));
    }

    private static void say(PrintWriter out, String subject, String what) {
        out.printf("%-11s %s%n", subject, what);
    }

    // For programs

    private Map<String, Object> json(Content content) {
        Map<String, Object> json = content.row().json();
        json.put("record_key", base64(content.key()));
        json.put(
                "headers",
                content.headers().stream()
                        .map(header -> {
                            Map<String, Object> entry = new LinkedHashMap<>();
                            entry.put("key", header.key());
                            entry.put("value", base64(header.value()));
                            return entry;
                        })
                        .toList());
        if (file != null) {
            json.put("payload_file", file.toString());
            return json;
        }
        Optional<String> decoded = QuarantinePayload.json(content.row().signal(), content.payload());
        if (decoded.isPresent()) {
            json.put("payload", tree(decoded.get()));
        } else {
            json.put("payload_base64", base64(content.payload()));
        }
        return json;
    }

    private static Object tree(String json) {
        try {
            return new ObjectMapper().readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String base64(byte[] bytesOrNull) {
        return bytesOrNull == null ? null : Base64.getEncoder().encodeToString(bytesOrNull);
    }
}
