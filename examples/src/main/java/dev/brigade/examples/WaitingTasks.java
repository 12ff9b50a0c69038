package dev.brigade.examples;

import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.TaskContext;
import dev.brigade.TaskFunction;
import dev.brigade.runner.AsyncRunner;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;

/** For the lesson {@code virtual}: so many tasks that all wait at the same time, and what that takes. */
final class WaitingTasks {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final int waits;
    private final Duration pause;
    private final Gauge here = new Gauge();

    /** Open when the last task has come. */
    private final CountDownLatch gate = new CountDownLatch(1);

    /** What the JVM held when the last task had come. */
    private final CompletableFuture<Held> everybody = new CompletableFuture<>();

    private WaitingTasks(int waits, int millis) {
        this.waits = waits;
        this.pause = Duration.ofMillis(millis);
    }

    /** What a crowd took; memory and threads are negative where the system does not tell. */
    record Seen(double seconds, double mebibytes, long threads) implements Serializable {
        void report(LessonReport report, RunnerKind way, int waits) {
            String memory = "unknown";
            String each = "unknown";
            if (threads >= 0) {
                report.figure("" + way, "memory", mebibytes, "MiB");
                report.figure("" + way, "each", mebibytes * 1024 / waits, "KiB");
                report.figure("" + way, "threads", (double) threads, "threads");
                memory = String.format(Locale.ROOT, "%.0f MiB", mebibytes);
                each = String.format(Locale.ROOT, "%.1f KiB", mebibytes * 1024 / waits);
            }
            report.row("" + way, Race.seconds(seconds), memory, each, threads < 0 ? "unknown" : "" + threads);
        }
    }

    /** Runs in a JVM of its own: has all tasks wait at once, and checks that each has come back. */
    static Seen gather(RunnerKind way, int waits, int millis) throws Exception {
        try (Runner few = way.open(1)) { // loads the classes
            few.map(List.of(0), new WaitingTasks(1, 1).body(way));
        }
        Held before = Held.now();
        WaitingTasks crowd = new WaitingTasks(waits, millis);
        RunOptions allAtOnce =
                RunOptions.builder().buffer(waits).timeout(PATIENCE).build();
        List<Integer> numbers = As.numbers(waits);
        long beginNanos = System.nanoTime();
        List<Integer> answers;
        try (Runner runner = way.open(waits)) {
            answers = runner.map(numbers, crowd.body(way), allAtOnce);
        }
        double seconds = (System.nanoTime() - beginNanos) / 1e9;
        if (!answers.equals(numbers)) {
            throw new IllegalStateException("wrong answers");
        }
        return crowd.everybody.join().since(before, seconds);
    }

    private TaskFunction<Integer, Integer> body(RunnerKind way) {
        return way == RunnerKind.ASYNC ? TaskFunction.async(this::start) : this::block;
    }

    private int block(int number) throws InterruptedException {
        come();
        gate.await();
        Thread.sleep(pause.toMillis());
        return number;
    }

    /** On the loop nothing blocks: what comes after the wait is said beforehand. */
    private CompletionStage<Integer> start(int number) {
        TaskContext task = TaskContext.current();
        come();
        return everybody.thenCompose(all -> delay(task)).thenApply(done -> number);
    }

    private CompletionStage<?> delay(TaskContext task) {
        try {
            return task.call(() -> AsyncRunner.delay(pause));
        } catch (Exception e) {
            return CompletableFuture.failedStage(e);
        }
    }

    private void come() {
        if (here.enter() == waits) {
            everybody.complete(Held.now());
            gate.countDown();
        }
    }

    /** What the operating system says of this JVM; negative where it does not tell. */
    private record Held(long kibibytes, long threads) {

        static Held now() {
            try {
                List<String> status = Files.readAllLines(Path.of("/proc/self/status"));
                return new Held(number(status, "VmRSS:"), number(status, "Threads:"));
            } catch (IOException notLinux) {
                return new Held(-1, -1);
            }
        }

        private static long number(List<String> status, String name) {
            return status.stream()
                    .filter(line -> line.startsWith(name))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(-1);
        }

        Seen since(Held before, double seconds) {
            return new Seen(
                    seconds, (kibibytes - before.kibibytes) / 1024.0, threads < 0 ? -1 : threads - before.threads);
        }
    }
}
