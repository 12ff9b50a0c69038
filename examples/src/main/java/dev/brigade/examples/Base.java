package dev.brigade.examples;

import dev.brigade.TaskFunction;
import dev.brigade.runner.AsyncRunner;
import dev.brigade.runner.SequentialRunner;
import dev.brigade.runner.ThreadRunner;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

// What is gained when tasks that only wait, for a disk or a server say, wait at the same time?
//
// $ java -jar examples/target/brigade-examples.jar all
//
//   base: Tasks that wait: one after the other, then all at once.
//   (2 cores, JDK 17.0.15)
//
//   10 tasks. Each one only waits 400 ms: it needs time, but no core.
//     runner          time            speed-up
//     sequential      4.02 s          1.00 x
//     threads         0.43 s          9.35 x
//     virtual         -               not here: virtual threads need JDK 21 or later; this is JDK
// 17.0.15+6-Debian-1deb12u1
//     async           0.41 s          9.91 x
//   => 10 threads waited together: 9.3 times as fast on 2 cores. Waiting needs no core.

/** Tasks that wait: one after the other, then on threads, on virtual threads, and on one event loop. */
@Command(name = "base", description = "Tasks that wait: one after the other, then all at once.")
public final class Base extends Lesson {
    /** Runs this lesson alone. */
    public static void main(String... args) {
        Main.main("base", args);
    }

    @Option(names = "--tasks", converter = Count.Few.class, defaultValue = "10", description = "How many tasks.")
    int tasks;

    @Option(names = "--millis", defaultValue = "300", description = "How long each waits, in ms.")
    int millis;

    @Override
    int teach(LessonReport report) throws Exception {
        report.say("%d tasks. Each one only waits %d ms: it needs time, but no core.", tasks, millis);
        Duration pause = Duration.ofMillis(millis);
        List<Integer> numbers = IntStream.range(0, tasks).boxed().toList();
        TaskFunction<Integer, Integer> nap = number -> {
            Thread.sleep(pause.toMillis());
            return number;
        };
        // The event loop has one thread, which must not sleep: there, a task asks to be called back.
        TaskFunction<Integer, Integer> timer =
                TaskFunction.async(number -> AsyncRunner.delay(pause).thenApply(done -> number));

        Race race = new Race(report);
        race.run("sequential", SequentialRunner::of, runner -> runner.map(numbers, nap), numbers);
        race.run("threads", () -> ThreadRunner.of(tasks), runner -> runner.map(numbers, nap), numbers);
        race.run("virtual", ThreadRunner::virtual, runner -> runner.map(numbers, nap), numbers);
        race.run("async", AsyncRunner::of, runner -> runner.map(numbers, timer), numbers);

        double speedup = report.find("base", "threads", "speedup").orElseThrow();
        report.conclude(
                speedup > 1.2
                        ? "%d threads waited together: %.1f times as fast on %d cores. Waiting needs no core."
                        : "%d threads did not help here: only %.1f times as fast on %d cores.",
                tasks,
                speedup,
                CORES);
        return report.verdict();
    }
}
