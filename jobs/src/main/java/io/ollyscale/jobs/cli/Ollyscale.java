package io.ollyscale.jobs.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.apache.flink.util.TimeUtils;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/**
 * The command {@code ollyscale}. Exit status: 0 success, 1 a finding or a failure, 2 a usage error. A failure is one line
 * on stderr, as {@link Failures} puts it.
 */
@Command(
        name = "ollyscale",
        description = "Stores OpenTelemetry data from Kafka in PostgreSQL, exactly once.",
        versionProvider = Ollyscale.Version.class,
        subcommands = {
            LocalCommand.class,
            IngestCommand.class,
            MigrateCommand.class,
            DoctorCommand.class,
            LoadCommand.class,
            ExportCommand.class,
            SqlCommand.class,
            StatusCommand.class,
            TopCommand.class,
            QuarantineCommand.class,
            AuditCommand.class,
            MaintainCommand.class,
            AttributesCommand.class
        },
        exitCodeListHeading = "%nExit status%n",
        exitCodeList = {"0:success", "1:a finding or a failure", "2:a usage error"})
public final class Ollyscale implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help.")
    private boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Show the version.")
    private boolean version;

    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            description = "Say more: where a failure came from, how long each step of a start took.")
    private boolean verbose;

    public static void main(String[] args) {
        System.exit(run(writer(FileDescriptor.out), writer(FileDescriptor.err), args));
    }

    /** Runs a command without ending the process, and returns its exit status. */
    static int run(PrintWriter out, PrintWriter err, String... args) {
        int status = new CommandLine(new Ollyscale())
                .setOut(out)
                .setErr(err)
                // "@name" is an example of sql, not a file of arguments.
                .setExpandAtFiles(false)
                .registerConverter(Duration.class, Ollyscale::duration)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((e, arguments) -> usageError(e))
                .setExecutionExceptionHandler(Ollyscale::failure)
                .execute(args);
        out.flush();
        err.flush();
        return status;
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "A command is missing");
    }

    boolean isVerbose() {
        return verbose;
    }

    private static Duration duration(String text) {
        try {
            return TimeUtils.parseDuration(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException("'" + text + "' isn't a time such as 60s, 5m or 2h");
        }
    }

    private static int usageError(ParameterException e) {
        CommandLine command = e.getCommandLine();
        command.getErr().println(e.getMessage());
        CommandLine.UnmatchedArgumentException.printSuggestions(e, command.getErr());
        command.getErr().println("Try: " + command.getCommandSpec().qualifiedName() + " --help");
        return CommandLine.ExitCode.USAGE;
    }

    private static int failure(Exception e, CommandLine command, CommandLine.ParseResult parsed) {
        command.getErr().println(Failures.line(e));
        Ollyscale ollyscale = (Ollyscale) command.getCommandSpec().root().userObject();
        if (ollyscale.verbose) {
            e.printStackTrace(command.getErr());
        }
        return CommandLine.ExitCode.SOFTWARE;
    }

    /** What is stored is UTF-8, whatever the platform's default is. */
    private static PrintWriter writer(FileDescriptor descriptor) {
        return new PrintWriter(new OutputStreamWriter(new FileOutputStream(descriptor), StandardCharsets.UTF_8), true);
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {
                "ollyscale "
                        + Objects.requireNonNullElse(
                                Ollyscale.class.getPackage().getImplementationVersion(), "(not packaged)")
            };
        }
    }
}
