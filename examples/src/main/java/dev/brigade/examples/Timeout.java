package dev.brigade.examples;

import dev.brigade.Runner;
import dev.brigade.runner.ThreadRunner;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

// A task loops for ever. Who notices, and who can stop it?
//
// $ java -jar examples/target/brigade-examples.jar timeout
//
//   timeout: A task loops for ever: who reports it, and who can stop it?
//   (2 cores, JDK 17.0.15)
//
//   One task loops for ever and heeds no interrupt. Its time-out is 300 ms.
//     runner          reported after  the loop then
//     sequential      1.00 s          had to be let go: until then it held the caller's thread
//     threads         0.37 s          goes on, and keeps its thread busy
//     virtual         not here: this is JDK 17, virtual threads came with 21
//     async           0.30 s          goes on, and keeps its thread busy
//     processes       1.35 s          is gone, with process 22980
//     (threads)       0.34 s          a task that sleeps instead: the interrupt ends it
//   => A thread can be asked to stop; only a process can be made to.

/** An endless loop with a time-out, on each runner: all but one report it in time; one ends it. */
@Command(name = "timeout", description = "A task loops for ever: who reports it, and who can stop it?")
public final class Timeout extends Lesson {
    /** Runs this lesson alone. */
    public static void main(String... args) {
        Main.main("timeout", args);
    }

    @Option(names = "--millis", defaultValue = "300", description = "The task's time-out, in ms.")
    int millis;

    @Override
    int teach(LessonReport report) throws Exception {
        report.say("One task loops for ever and heeds no interrupt. Its time-out is %d ms.", millis);
        report.row("runner", "reported after", "the loop then");
        for (RunnerKind way : RunnerKind.values()) {
            if (way.isAbsent()) {
                report.row("" + way, way.absence());
                continue;
            }
            try (Runner runner = report.watch("" + way, way.open(1))) {
                stop(report, way, runner);
            }
            report.check(!Loop.isRunning(), "%s: the loop was let go, and runs", way);
        }
        try (Runner runner = report.watch("threads, asked", ThreadRunner.of(1))) {
            Loop.ask(report, runner, millis);
        }
        report.conclude("A thread can be asked to stop; only a process can be made to.");
        return report.verdict();
    }

    private void stop(LessonReport report, RunnerKind way, Runner runner) throws Exception {
        long worker = runner.submit(() -> ProcessHandle.current().pid()).get();
        boolean mine = worker == ProcessHandle.current().pid();
        Loop.prepare();
        if (way == RunnerKind.SEQUENTIAL) { // the loop has this thread: nothing here could let go of it later
            CompletableFuture.delayedExecutor(3L * millis, TimeUnit.MILLISECONDS)
                    .execute(Loop::letGo);
        }
        double seconds = Loop.timeOut(report, runner, millis, Loop::forever);
        boolean goesOn = mine ? Loop.isRunning() && Loop.goesOn() : isAlive(worker);
        Loop.letGo();
        report.row("" + way, Race.seconds(seconds), fate(way, goesOn, worker));
        report.figure("" + way, "reported", seconds, "s");
        boolean immortal = way != RunnerKind.SEQUENTIAL && way != RunnerKind.PROCESSES;
        report.check(goesOn == immortal, "%s: the loop %s", way, goesOn ? "goes on" : "has ended");
    }

    private static String fate(RunnerKind way, boolean goesOn, long worker) {
        if (way == RunnerKind.SEQUENTIAL) {
            return "had to be let go: until then it held the caller's thread";
        }
        return goesOn ? "goes on, and keeps its thread busy" : "is gone, with process " + worker;
    }

    private static boolean isAlive(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }
}
