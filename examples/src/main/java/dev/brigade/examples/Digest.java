package dev.brigade.examples;

import dev.brigade.Runner;
import dev.brigade.runner.AsyncRunner;
import dev.brigade.runner.ProcessRunner;
import dev.brigade.runner.SequentialRunner;
import dev.brigade.runner.ThreadRunner;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

// Which way of running hashes real files fastest, and do all of them give the same digests?
//
// $ java -jar examples/target/brigade-examples.jar digest "$JAVA_HOME"
//
//   digest: SHA-256 of every file under a directory, on every runner.
//   (2 cores, JDK 25.0.3)
//
//   399 files, 303.2 MiB. First all are read once, uncounted,
//   so that every runner finds them in the system's file cache.
//     runner          time            speed-up
//     sequential      1.20 s          1.00 x
//     threads         1.34 s          0.90 x
//     virtual         1.36 s          0.88 x
//     async           0.96 s          1.25 x
//     processes       3.99 s          0.30 x
//   399 files, 0 unreadable; each runner was checked file by file.
//   (async runs all on one thread, and reading blocks it. Starting the processes counts.)
//   => async was the fastest.

/** SHA-256 of every file under a directory, on every runner. */
@Command(
        name = "digest",
        description = "SHA-256 of every file under a directory, on every runner.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every file was read, and all runners agree",
            "1:the runners disagree",
            "2:wrong arguments",
            "3:the runners agree, but some files could not be read"
        })
public final class Digest extends Lesson {
    /** Runs this lesson alone. */
    public static void main(String... args) {
        Main.main("digest", args);
    }

    private static final int SOME_UNREAD = 3;

    @Parameters(paramLabel = "DIR", description = "The directory.")
    @SuppressWarnings("NullAway.Init") // picocli sets it, or refuses the command line
    Path directory;

    @Option(
            names = "--workers",
            converter = Count.Few.class,
            description = "Threads, and processes (one for each core).")
    int workers = CORES;

    @Option(names = "--list", description = "Print the digests as well, in sha256sum's form.")
    boolean list;

    @Override
    void checkArguments() {
        require(Files.isDirectory(directory), "not a directory: '" + directory + "'");
    }

    @Override
    int teach(LessonReport report) throws Exception {
        FileTree tree = FileTree.under(directory);
        List<URI> files = tree.files().stream().map(Path::toUri).toList();
        report.say("%,d files, %,.1f MiB. First all are read once, uncounted,", files.size(), tree.bytes() / 1048576.0);
        report.say("so that every runner finds them in the system's file cache.");
        List<String> digests;
        try (Runner alone = SequentialRunner.of()) {
            digests = Checksum.ofAll(alone, "first reading", files);
        }
        int unread = Checksum.tellUnread(report, tree, digests);
        for (int i = 0; list && i < digests.size(); i++) {
            report.say("%s  %s", digests.get(i), tree.files().get(i));
        }
        Race race = new Race(report);
        run(race, "sequential", SequentialRunner::of, files, digests);
        run(race, "threads", () -> ThreadRunner.of(workers), files, digests);
        run(race, "virtual", ThreadRunner::virtual, files, digests);
        run(race, "async", Digest::patientLoop, files, digests);
        run(race, "processes", () -> ProcessRunner.of(workers), files, digests);

        report.say("%,d files, %,d unreadable; each runner was checked file by file.", files.size(), unread);
        report.say("(async runs all on one thread, and reading blocks it. Starting the processes counts.)");
        report.conclude("%s was the fastest.", race.fastest());
        return report.verdict() != 0 || unread == 0 ? report.verdict() : SOME_UNREAD;
    }

    private static void run(Race race, String name, Race.Opener opener, List<URI> files, List<String> expected)
            throws Exception {
        race.run(name, opener, runner -> Checksum.ofAll(runner, name, files), expected);
    }

    /** Blocking the loop is the point of the comparison here, so it need not warn. */
    private static Runner patientLoop() {
        return AsyncRunner.builder().blockingThreshold(Duration.ofHours(1)).build();
    }
}
