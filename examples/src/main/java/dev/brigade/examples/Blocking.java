package dev.brigade.examples;

import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.TaskFunction;
import dev.brigade.runner.AsyncRunner;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;

/** For the lesson {@code as}: what one body that blocks the event loop does to all the others. */
final class Blocking {
    private static final int FEW = 100;
    private static final Duration SHORT = Duration.ofMillis(50);

    private final int blockMillis;
    private final long beginNanos = System.nanoTime();
    private final AtomicLong latestNanos = new AtomicLong();

    private Blocking(int blockMillis) {
        this.blockMillis = blockMillis;
    }

    /** Runs the same short waits without and with a blocking body; returns how much later they ended, in seconds. */
    static double measure(LessonReport report, int blockMillis) throws Exception {
        report.say("");
        report.say(
                "%d waits of %d ms, twice. The second time, one more body sleeps %d ms on the loop:",
                FEW, SHORT.toMillis(), blockMillis);
        double free = new Blocking(blockMillis).latestSeconds(report, "short waits", FEW);
        report.row("no body sleeps", "the last wait ended after " + Race.seconds(free));
        double blocked = new Blocking(blockMillis).latestSeconds(report, "short waits, one sleeps", FEW + 1);
        report.row("one sleeps", "the last wait ended after " + Race.seconds(blocked));
        report.figure("async", "delay", blocked - free, "s");
        return blocked - free;
    }

    /** When the last of the waits ended. */
    private double latestSeconds(LessonReport report, String track, int bodies) throws Exception {
        RunOptions allAtOnce =
                RunOptions.builder().buffer(bodies).name("short waits").build();
        try (Runner runner = report.watch(track, AsyncRunner.of())) {
            runner.map(As.numbers(bodies), TaskFunction.async(this::start), allAtOnce);
        }
        return latestNanos.get() / 1e9;
    }

    private CompletionStage<Integer> start(int number) throws InterruptedException {
        if (number == FEW) {
            Thread.sleep(blockMillis); // what a body must never do on an event loop
            return CompletableFuture.completedStage(number);
        }
        return AsyncRunner.delay(SHORT).thenApply(done -> {
            latestNanos.accumulateAndGet(System.nanoTime() - beginNanos, Math::max);
            return number;
        });
    }
}
