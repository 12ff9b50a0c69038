package dev.brigade.examples;

import java.io.PrintWriter;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The launcher: {@code java -jar brigade-examples.jar LESSON [options]}. */
@Command(
        name = "brigade-examples",
        version = "brigade-examples 0.1.0-SNAPSHOT",
        synopsisSubcommandLabel = "LESSON",
        description = "Lessons in concurrency: run one, read what it prints, then read its source.",
        footer = {"", "Each lesson has options: try cpu-example --help.", ""},
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every answer was right, even if a gain or a race could not be shown",
            "1:an answer was wrong or missing",
            "2:wrong arguments",
            "3:digest only: some files could not be read"
        },
        subcommands = {
            Base.class,
            CpuExample.class,
            Gil.class,
            Mp.class,
            Share.class,
            Share2.class,
            Interleave.class,
            As.class,
            Virtual.class,
            Timeout.class,
            Crash.class,
            Pipeline.class,
            Digest.class,
            All.class
        })
public final class Main implements Runnable {
    @Spec
    @Nullable
    CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Show the version and exit.")
    boolean version;

    /**
     * Runs the lesson that the arguments name, and exits.
     *
     * @param args the lesson's name, then its options
     */
    public static void main(String... args) {
        System.exit(commandLine().execute(args));
    }

    /** For the mains of single lessons: the same, with the name given. */
    static void main(String lesson, String... args) {
        main(Stream.concat(Stream.of(lesson), Stream.of(args)).toArray(String[]::new));
    }

    /** The whole command line; the tests run it without leaving the JVM. */
    static CommandLine commandLine() {
        return new CommandLine(new Main())
                .registerConverter(int.class, new Count())
                .setExpandAtFiles(false)
                .setParameterExceptionHandler((wrong, args) -> refuse(wrong))
                .setExecutionExceptionHandler((failure, command, parsed) -> fail(failure, command));
    }

    @Override
    public void run() {
        CommandLine command = Objects.requireNonNull(spec).commandLine();
        throw new ParameterException(command, "name a lesson: " + String.join(", ", lessons(command)));
    }

    private static List<String> lessons(CommandLine command) {
        return List.copyOf(command.getSubcommands().keySet());
    }

    private static int refuse(ParameterException wrong) {
        CommandLine command = wrong.getCommandLine();
        String message = String.valueOf(wrong.getMessage()).replaceAll("\\s+", " ");
        printError(
                command,
                message + " (more: " + command.getCommandSpec().qualifiedName().replace("brigade-examples ", "")
                        + " --help)");
        return CommandLine.ExitCode.USAGE;
    }

    private static int fail(Exception failure, CommandLine command) {
        printError(command, "the lesson broke off: " + failure);
        failure.printStackTrace(command.getErr());
        return CommandLine.ExitCode.SOFTWARE;
    }

    private static void printError(CommandLine command, String message) {
        PrintWriter err = command.getErr();
        err.println(command.getColorScheme().errorText("error: " + message));
        err.flush();
    }
}
