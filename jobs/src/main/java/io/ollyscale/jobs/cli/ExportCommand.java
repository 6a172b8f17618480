package io.ollyscale.jobs.cli;

import com.google.protobuf.ByteString;
import io.ollyscale.jobs.cli.recording.UnitCount;
import io.ollyscale.jobs.export.ExportFormat;
import io.ollyscale.jobs.export.ExportResult;
import io.ollyscale.jobs.export.OtlpExport;
import io.ollyscale.jobs.export.OutputFile;
import io.ollyscale.jobs.export.Selection;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.sql.Migrations;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** OTLP out of the tables. */
@Command(
        name = "export",
        description = {
            "Rebuilds OTLP from the tables: each span, log record or data point as it was received, without what the"
                    + " attribute policy dropped. Grouping into messages and the order of attributes are new. \"load\""
                    + " reads both formats.",
            "",
            "It shows one state of the store, however long it takes, and holds back the removal of dead rows meanwhile."
                    + " Event time alone makes it look into every partition; --arrived-from and --arrived-to keep it to"
                    + " those of that time, so pass both where you know when the data came.",
            "",
            "Exit status 1 also where a record names a resource, scope, series or metric that isn't there. The record is"
                    + " written without it: those of the last second may not be there yet."
        })
final class ExportCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConnectionOptions connections;

    @Option(
            names = "--signal",
            required = true,
            paramLabel = "SIGNAL",
            description = "What to export: ${COMPLETION-CANDIDATES}.")
    private Signal signal;

    @Option(
            names = "--from",
            paramLabel = "TIME",
            converter = Time.class,
            description = {
                "Only what happened since then: a span's start, a log record's time or else its observed time, a data"
                        + " point's time. 2026-01-31, 2026-01-31T12:00:00Z or with +01:00; a date is its midnight in UTC."
            })
    private Instant from;

    @Option(
            names = "--to",
            paramLabel = "TIME",
            converter = Time.class,
            description = "Only what happened before then.")
    private Instant to;

    @Option(
            names = "--arrived-from",
            paramLabel = "TIME",
            converter = Time.class,
            description = "Only what was stored since then, by PostgreSQL's clock, to the second.")
    private Instant arrivedFrom;

    @Option(
            names = "--arrived-to",
            paramLabel = "TIME",
            converter = Time.class,
            description = "Only what was stored before then, likewise.")
    private Instant arrivedTo;

    @Option(
            names = "--trace-id",
            paramLabel = "HEX",
            converter = Hex.class,
            description = "Only what is of this trace; of data points those with an exemplar of it.")
    private ByteString traceId;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "json",
            description = {
                "json: one OTLP/JSON document a line. It can't tell one NaN from another.",
                "proto: protobuf messages, each behind its length as a big-endian u32. Exact.",
                "Default: ${DEFAULT-VALUE}."
            })
    private ExportFormat format;

    @Option(
            names = "--output",
            paramLabel = "FILE",
            description = {
                "Where to write; compressed where the name ends with .gz. It is there when it is complete.",
                "Default: standard output."
            })
    private Path output;

    @Option(names = "--force", description = "Replace the file if there is one.")
    private boolean force;

    @Override
    public Integer call() throws SQLException, IOException {
        if (isEmpty(from, to) || isEmpty(arrivedFrom, arrivedTo)) {
            throw new ParameterException(spec.commandLine(), "The end of the time must be after its beginning");
        }
        if (force && output == null) {
            throw new ParameterException(spec.commandLine(), "--force needs --output");
        }
        if (output != null && output.toString().endsWith(".zst")) {
            throw new ParameterException(spec.commandLine(), "--output is compressed as .gz only, not as .zst");
        }
        try (Connection connection = ConnectionOptions.connect(connections.dataSource());
                StopSignal stop = new StopSignal()) {
            Migrations.verify(connection);
            // It may take long before its first row.
            Thread cancel = ShutdownHooks.cancel(connection);
            try {
                return export(connection, stop);
            } catch (SQLException e) {
                if (stop.received()) {
                    return stopped();
                }
                throw e;
            } finally {
                ShutdownHooks.remove(cancel);
            }
        }
    }

    private int export(Connection connection, StopSignal stop) throws SQLException, IOException {
        if (output == null) {
            OutputStream out = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16);
            ExportResult result = export(connection, out, stop);
            out.flush();
            return finish(result);
        }
        try (OutputFile file = new OutputFile(output, force)) {
            ExportResult result = export(connection, file.out(), stop);
            if (result.stopped()) {
                return stopped();
            }
            file.complete();
            return finish(result);
        }
    }

    private ExportResult export(Connection connection, OutputStream out, StopSignal stop)
            throws SQLException, IOException {
        // Without a file the records go to the terminal themselves.
        ExportProgress progress = new ExportProgress(
                spec.commandLine().getErr(), output != null && Terminal.isPresent(), signal, arrivedTo);
        try {
            return new OtlpExport(signal, format, out, (units, firstId, lastId) -> {
                        progress.show(units, firstId, lastId);
                        return !stop.received();
                    })
                    .run(connection, new Selection(from, to, arrivedFrom, arrivedTo, traceId));
        } finally {
            progress.clear();
        }
    }

    private int finish(ExportResult result) {
        if (result.stopped()) {
            return stopped();
        }
        PrintWriter err = spec.commandLine().getErr();
        err.printf(
                Locale.ROOT,
                "Exported %,d %s in %,d %s%s%n",
                result.units(),
                UnitCount.name(signal, result.units() != 1),
                result.messages(),
                result.messages() == 1 ? "message" : "messages",
                output == null ? "" : " to " + output);
        if (result.nansWithPayload() > 0) {
            err.printf(
                    Locale.ROOT,
                    "%,d NaNs of other bits than the usual were written as the usual one: --format proto keeps them%n",
                    result.nansWithPayload());
        }
        if (result.notWhole() > 0) {
            err.printf(
                    Locale.ROOT,
                    "%,d of them name a resource, scope, series or metric that isn't there, and were written without"
                            + " it%n",
                    result.notWhole());
            return 1;
        }
        return 0;
    }

    private int stopped() {
        spec.commandLine().getErr().println("Stopped before the end");
        return 1;
    }

    private static boolean isEmpty(Instant from, Instant to) {
        return from != null && to != null && !from.isBefore(to);
    }

    /** A day, or a time with its zone. */
    static final class Time implements ITypeConverter<Instant> {
        @Override
        public Instant convert(String text) {
            try {
                return text.length() == "2026-01-31".length()
                        ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
                        : OffsetDateTime.parse(text).toInstant();
            } catch (DateTimeParseException e) {
                throw new TypeConversionException(
                        "'" + text + "' isn't a time such as 2026-01-31 or 2026-01-31T12:00:00Z");
            }
        }
    }

    static final class Hex implements ITypeConverter<ByteString> {
        @Override
        public ByteString convert(String text) {
            if (text.isEmpty()) {
                throw new TypeConversionException("a trace's id isn't empty");
            }
            try {
                return ByteString.copyFrom(HexFormat.of().parseHex(text));
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException("'" + text + "' isn't hex");
            }
        }
    }
}
