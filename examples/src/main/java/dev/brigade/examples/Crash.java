package dev.brigade.examples;

import dev.brigade.Outcome;
import dev.brigade.Runner;
import dev.brigade.runner.ProcessRunner;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

// A task takes its JVM down. What is left of the other tasks, on each runner?
//
// $ java -jar examples/target/brigade-examples.jar crash
//
//   crash: A task takes its JVM down: what each runner loses.
//   (2 cores, JDK 17.0.15)
//
//   6 tasks, each a number times itself; but one of them takes down the JVM that it runs in.
//   Each row is an application of its own: a JVM that this lesson starts, with one runner inside.
//     runner          the bad task    its outcome     application     answers
//     sequential      halt            none            exit code 3     0 of 6
//     sequential      segv            none            a crash         0 of 6
//     threads         halt            none            exit code 3     0 of 6
//     threads         segv            none            a crash         0 of 6
//     virtual         not here: this is JDK 17, virtual threads came with 21
//     async           halt            none            exit code 3     0 of 6
//     async           segv            none            a crash         0 of 6
//     processes       halt            exit code 3     lives on        5 of 6
//     processes       segv            a crash         lives on        5 of 6
//   => The process runner lost one task and its worker. The others lost the application.

/** A task that takes its JVM down, on each runner, in an application of its own that may die of it. */
@Command(name = "crash", description = "A task takes its JVM down: what each runner loses.")
public final class Crash extends Lesson {
    /** Runs this lesson alone. */
    public static void main(String... args) {
        Main.main("crash", args);
    }

    @Option(names = "--tasks", converter = Count.Few.class, defaultValue = "6", description = "How many tasks.")
    int tasks;

    @Option(
            names = "--how",
            split = ",",
            defaultValue = "halt,segv",
            description = "What the bad task does: ${COMPLETION-CANDIDATES}; segv is for Linux and macOS.")
    List<CrashKind> how = List.of();

    @Override
    int teach(LessonReport report) throws Exception {
        report.say("%d tasks, each a number times itself; but one of them takes down the JVM that it runs in.", tasks);
        report.say("Each row is an application of its own: a JVM that this lesson starts, with one runner inside.");
        report.row("runner", "the bad task", "its outcome", "application", "answers");
        for (RunnerKind way : RunnerKind.values()) {
            if (way.isAbsent()) {
                report.row("" + way, way.absence());
                continue;
            }
            for (CrashKind deed : how) {
                run(report, way, deed);
            }
        }
        report.conclude("The process runner lost one task and its worker. The others lost the application.");
        return report.verdict();
    }

    private void run(LessonReport report, RunnerKind way, CrashKind deed) throws Exception {
        int many = tasks;
        Outcome<Void, Application.Left> end;
        try (Runner application = report.watch(way + ", " + deed, ProcessRunner.of(1))) {
            end = application.submit(() -> Application.run(way, deed, many)).awaitOutcome();
        }
        Application.Left left = end.value();
        int answers = left == null ? 0 : left.answers();
        String death = left == null ? Application.end(end.exception()) : left.bad();
        report.row(
                "" + way,
                "" + deed,
                left == null ? "none" : death,
                left == null ? death : "lives on",
                answers + " of " + many);
        report.figure("" + way, "answers " + deed, answers, "answers");

        boolean lives = way == RunnerKind.PROCESSES;
        report.check((left != null) == lives, "%s: the application %s", way, left == null ? "died" : "lives on");
        report.check(answers == (lives ? many - 1 : 0), "%s: %d answers of %d", way, answers, many);
        report.check(deed.isSeenIn(death), "%s: %s ended in: %s", way, deed, death);
    }
}
