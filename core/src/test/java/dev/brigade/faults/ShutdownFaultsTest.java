package dev.brigade.faults;

import static dev.brigade.faults.PoolUnderTest.WAIT_SECONDS;
import static dev.brigade.faults.PoolUnderTest.await;
import static dev.brigade.faults.PoolUnderTest.awaitEnd;
import static dev.brigade.faults.PoolUnderTest.failureOf;
import static dev.brigade.faults.PoolUnderTest.numbers;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Outcome;
import dev.brigade.Outcomes;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.TaskContext;
import dev.brigade.TaskFuture;
import dev.brigade.WorkerChannel;
import dev.brigade.WorkerLostException;
import dev.brigade.process.Leftovers;
import dev.brigade.runner.ProcessRunner;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests of closing pools at the worst moments, and of workers that only seem to be dead. */
@ParameterizedClass
@MethodSource("dev.brigade.faults.Soak#channels")
@Timeout(value = 2 * WAIT_SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ShutdownFaultsTest {
    private static final Duration GRACE = Duration.ofMillis(200);
    private static final Duration CLOSE_TIMEOUT = Duration.ofMillis(500);

    /** Longer than the pool takes to act on a dead worker here: the grace, and the second that an exit has. */
    private static final Duration STANDSTILL = Duration.ofSeconds(2);

    /** Twice the time-out, as {@code Runner.close} says, 1.5 s at least for killing and cleaning up, and some time for a busy machine. */
    private static final Duration CLOSE_BOUND = Duration.ofSeconds(8);

    @Parameter
    WorkerChannel channel;

    private final Leftovers leftovers = new Leftovers();

    @AfterEach
    void leavesNothing() {
        leftovers.assertNone();
    }

    private ProcessRunner.Builder builder(int workers) {
        return ProcessRunner.builder()
                .workers(workers)
                .channel(channel)
                .grace(GRACE)
                .closeTimeout(CLOSE_TIMEOUT);
    }

    private Runner open(int workers) {
        return builder(workers).build();
    }

    // ---- pools that are never closed

    @Test
    void aPoolThatNobodyHoldsLeavesNothing() throws Exception {
        long pid = forgetAPool();
        await("end of what nobody holds", () -> {
            System.gc();
            return Leftovers.isGone(pid);
        });
    }

    @SuppressWarnings("MustBeClosedChecker") // the point
    private long forgetAPool() throws Exception {
        return PoolUnderTest.get(open(2).submit(() -> ProcessHandle.current().pid()));
    }

    /** The task reports by files alone: a future, or anything else that the submission returns, would hold its pool. */
    @Test
    void aPoolIsHeldByTheTaskThatItRuns(@TempDir Path directory) throws Exception {
        String go = directory.resolve("go").toString();
        String begun = directory.resolve("begun").toString();
        String ended = directory.resolve("ended").toString();
        forgetABusyPool(begun, go, ended);
        FaultActions.awaitFile(begun);
        long pid = Long.parseLong(Files.readString(Path.of(begun)));
        WeakReference<Object> unheld = new WeakReference<>(new Object());
        await("a collection", () -> {
            System.gc();
            return unheld.get() == null;
        });
        Thread.sleep(STANDSTILL.toMillis()); // nothing is to happen meanwhile
        System.gc();
        assertFalse(Leftovers.isGone(pid), "the pool was closed under its task");
        FaultActions.makeFile(go);
        FaultActions.awaitFile(ended);
        await("end of what nobody holds", () -> {
            System.gc();
            return Leftovers.isGone(pid);
        });
    }

    @SuppressWarnings("MustBeClosedChecker") // the point
    private void forgetABusyPool(String begun, String go, String ended) {
        TaskFuture<?> unused = open(1).submit(() -> {
            Path written = Files.writeString(
                    Path.of(begun + ".new"), "" + ProcessHandle.current().pid());
            Files.move(written, Path.of(begun));
            FaultActions.awaitFile(go);
            FaultActions.makeFile(ended);
            return null;
        });
    }

    // ---- closes

    /** Closes the runner; asserts that this takes no longer than the bound, that every future is done, and that nothing is left. */
    private void closeInTime(Runner runner, List<? extends TaskFuture<?>> futures, boolean now) {
        long beganNanos = System.nanoTime();
        if (now) {
            runner.closeNow();
        } else {
            runner.close();
        }
        Duration took = Duration.ofNanos(System.nanoTime() - beganNanos);
        assertTrue(took.compareTo(CLOSE_BOUND) < 0, () -> "the close took " + took);
        for (TaskFuture<?> future : futures) {
            assertTrue(future.isDone(), future::toString);
        }
        leftovers.assertNone();
    }

    @Test
    void closesWhileWorkersStart() throws Exception {
        for (int millis : new int[] {0, 1, 30, 31, 80, 81, 160}) {
            boolean now = millis % 2 == 0;
            Runner runner = open(2);
            List<TaskFuture<Integer>> futures = List.of(runner.submit(FaultActions::spin), runner.submit(() -> 1));
            Thread.sleep(millis); // not for order: the close comes at any stage
            closeInTime(runner, futures, now);
        }
    }

    @Test
    void closesAtAnyMoment() throws Exception {
        long seed = System.nanoTime();
        System.out.println("closesAtAnyMoment: seed " + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 4; round++) {
            Runner runner = open(1 + random.nextInt(3));
            List<TaskFuture<Integer>> futures = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                int action = random.nextInt(4);
                int n = i;
                futures.add(runner.submit(() -> anything(action, n)));
            }
            Thread.sleep(random.nextInt(700)); // not for order: the close comes at any stage
            closeInTime(runner, futures, random.nextBoolean());
        }
    }

    private static int anything(int action, int n) throws Exception {
        switch (action) {
            case 0 -> System.exit(n);
            case 1 -> Thread.sleep(n);
            case 2 -> System.out.println("x".repeat(10_000));
            default -> throw new IOException("told");
        }
        return n;
    }

    @Test
    void aSecondCloseHasNothingToDo() throws Exception {
        Runner runner = open(2);
        List<TaskFuture<Integer>> futures = List.of(runner.submit(() -> 1));
        assertEquals(1, PoolUnderTest.get(futures.get(0)));
        closeInTime(runner, futures, false);
        closeInTime(runner, futures, false);
        closeInTime(runner, futures, true);
        assertThrows(RejectedExecutionException.class, () -> runner.submit(() -> 2));
        assertThrows(RejectedExecutionException.class, () -> runner.map(List.of(1), n -> n));
    }

    @Test
    void manyMayCloseAtOnce() throws Exception {
        Runner runner = open(2);
        List<TaskFuture<Integer>> futures = List.of(
                runner.submit(FaultActions::ignoreInterrupts),
                runner.submit(FaultActions::spin),
                runner.submit(() -> 1));
        CountDownLatch together = new CountDownLatch(1);
        List<CompletableFuture<Void>> closers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            boolean now = i == 3;
            closers.add(inBackground(() -> {
                together.await();
                closeInTime(runner, futures, now);
            }));
        }
        together.countDown();
        for (CompletableFuture<Void> closer : closers) {
            closer.get(WAIT_SECONDS, TimeUnit.SECONDS);
        }
    }

    private interface Action {
        void run() throws Exception;
    }

    /** Does the action on a thread of its own. */
    private static CompletableFuture<Void> inBackground(Action action) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                action.run();
                done.complete(null);
            } catch (Throwable e) {
                done.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return done;
    }

    @Test
    void aDependentOfAFutureMayClose() throws Exception {
        Runner runner = open(1);
        CompletableFuture<Void> closed =
                runner.submit(() -> 1).toCompletableFuture().thenRun(runner::close);
        closed.get(WAIT_SECONDS, TimeUnit.SECONDS);
        assertThrows(RejectedExecutionException.class, () -> runner.submit(() -> 2));
    }

    @Test
    void aProgressListenerMayClose() throws Exception {
        Runner runner = open(1);
        RunOptions options =
                RunOptions.builder().onProgress(progress -> runner.close()).build();
        try (Outcomes<Integer, Integer> outcomes = runner.mapOutcomes(numbers(1000), n -> n, options)) {
            assertThrows(CancellationException.class, () -> outcomes.forEach(outcome -> {}));
        }
    }

    @Test
    void anOutputListenerMayClose() throws Exception {
        Runner[] runner = new Runner[1];
        CompletableFuture<Void> closed = new CompletableFuture<>();
        runner[0] = builder(1)
                .outputListener(output -> {
                    runner[0].close();
                    closed.complete(null);
                })
                .build();
        TaskFuture<Integer> printing = runner[0].submit(() -> {
            System.out.println("close");
            return 1;
        });
        assertEquals(1, PoolUnderTest.get(printing));
        closed.get(WAIT_SECONDS, TimeUnit.SECONDS);
    }

    @Test
    void aTaskCannotCloseItsRunner() throws Exception {
        Runner runner = open(1);
        TaskFuture<Integer> closing = runner.submit(() -> {
            TaskContext.current().runner().close();
            return 1;
        });
        assertInstanceOf(IllegalStateException.class, failureOf(closing));
        assertThrows(
                IllegalArgumentException.class,
                () -> runner.submit(() -> {
                    runner.close(); // captured, and no runner can be serialized
                    return 1;
                }));
        assertEquals(2, PoolUnderTest.get(runner.submit(() -> 2)));
        closeInTime(runner, List.of(), false);
    }

    @Test
    void whatIsQueuedIsCancelledWhenItDoesNotEndInTime() throws Exception {
        Runner runner = open(2);
        List<TaskFuture<Integer>> futures = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            int n = i;
            futures.add(runner.submit(() -> n < 100 ? n : FaultActions.ignoreInterrupts()));
        }
        assertEquals(99, PoolUnderTest.get(futures.get(99)));
        closeInTime(runner, futures, false);
        for (int i = 0; i < futures.size(); i++) {
            Outcome<Void, Integer> outcome = futures.get(i).awaitOutcome();
            assertEquals(i < 100 ? Outcome.State.SUCCESS : Outcome.State.CANCELLED, outcome.state(), outcome::toString);
        }
    }

    @Test
    void whatIsQueuedIsDrainedWhenItEndsInTime() throws Exception {
        Runner runner = builder(2).closeTimeout(PoolUnderTest.WAIT).build();
        List<TaskFuture<Integer>> futures = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            int n = i;
            futures.add(runner.submit(() -> n));
        }
        runner.close();
        for (int i = 0; i < futures.size(); i++) {
            assertTrue(futures.get(i).isDone());
            assertEquals(i, PoolUnderTest.get(futures.get(i)));
        }
    }

    @Test
    void whatCannotBeSerializedIsNeverQueued() throws Exception {
        Runner runner = open(1);
        Object notSerializable = new Object();
        TaskFuture<Integer> stuck = runner.submit(FaultActions::ignoreInterrupts);
        assertThrows(IllegalArgumentException.class, () -> runner.submit(notSerializable::hashCode));
        List<Outcome<Object, String>> seen = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch first = new CountDownLatch(1);
        CompletableFuture<Void> consumer = inBackground(() -> {
            try (Outcomes<Object, String> outcomes =
                    runner.mapOutcomes(List.of(notSerializable, "waits", notSerializable), String::valueOf)) {
                outcomes.forEach(outcome -> {
                    seen.add(outcome);
                    first.countDown();
                });
            }
        });
        assertTrue(first.await(WAIT_SECONDS, TimeUnit.SECONDS));
        closeInTime(runner, List.of(stuck), true);
        assertThrows(CancellationException.class, () -> consumer.get(WAIT_SECONDS, TimeUnit.SECONDS));
        assertEquals(Outcome.State.FAILED, seen.get(0).state(), seen::toString);
        assertTrue(seen.get(0).exception().getMessage().contains("java.lang.Object"), seen::toString);
    }

    @Test
    void closesWhileWorkersDie(@TempDir Path directory) throws Exception {
        for (String signal : new String[] {"KILL", "STOP", "TERM"}) {
            String begun = directory.resolve("begun-" + signal).toString();
            Runner runner = open(2);
            List<TaskFuture<Integer>> futures = new ArrayList<>();
            futures.add(runner.submit(() -> {
                Runtime.getRuntime().addShutdownHook(new Thread(FaultActions::spin));
                FaultActions.makeFile(begun);
                FaultActions.raise(signal);
                return FaultActions.spin();
            }));
            futures.add(runner.submit(() -> 1));
            FaultActions.awaitFile(begun);
            closeInTime(runner, futures, true);
        }
    }

    @Test
    void whatIsSubmittedDuringTheCloseIsRefusedOrAnswered() throws Exception {
        Runner runner = open(2);
        assertEquals(1, PoolUnderTest.get(runner.submit(() -> 1)));
        List<TaskFuture<Integer>> accepted = Collections.synchronizedList(new ArrayList<>());
        List<CompletableFuture<Void>> submitters = new ArrayList<>();
        CountDownLatch running = new CountDownLatch(4);
        for (int i = 0; i < 4; i++) {
            submitters.add(inBackground(() -> {
                running.countDown();
                while (true) {
                    try {
                        accepted.add(runner.submit(() -> 7));
                    } catch (RejectedExecutionException closed) {
                        return;
                    }
                }
            }));
        }
        assertTrue(running.await(WAIT_SECONDS, TimeUnit.SECONDS));
        runner.close();
        for (CompletableFuture<Void> submitter : submitters) {
            submitter.get(WAIT_SECONDS, TimeUnit.SECONDS);
        }
        for (TaskFuture<Integer> future : accepted) {
            Outcome<Void, Integer> outcome = future.awaitOutcome();
            boolean cancelled = outcome.state() == Outcome.State.CANCELLED;
            assertTrue(cancelled || Integer.valueOf(7).equals(outcome.value()), outcome::toString);
        }
    }

    // ---- workers that only seem to be dead

    @Test
    void anIdleWorkerThatIsStoppedIsNotTakenForDead() throws Exception {
        try (Runner runner = open(1)) {
            long pid = PoolUnderTest.get(
                    runner.submit(() -> ProcessHandle.current().pid()));
            PosixSignals.send("STOP", pid);
            TaskFuture<Long> next = runner.submit(() -> ProcessHandle.current().pid());
            Thread.sleep(STANDSTILL.toMillis()); // nothing is to happen meanwhile
            assertFalse(next.isDone());
            PosixSignals.send("CONT", pid);
            assertEquals(pid, PoolUnderTest.get(next));
            PoolUnderTest.goesOn(runner);
        }
    }

    @Test
    void aBusyWorkerThatIsStoppedGoesOn(@TempDir Path directory) throws Exception {
        String begun = directory.resolve("begun").toString();
        String go = directory.resolve("go").toString();
        try (Runner runner = open(1)) {
            long pid = PoolUnderTest.get(
                    runner.submit(() -> ProcessHandle.current().pid()));
            TaskFuture<Long> stopped = runner.submit(() -> {
                FaultActions.makeFile(begun);
                FaultActions.awaitFile(go);
                return ProcessHandle.current().pid();
            });
            FaultActions.awaitFile(begun);
            PosixSignals.send("STOP", pid);
            Thread.sleep(STANDSTILL.toMillis()); // nothing is to happen meanwhile
            PosixSignals.send("CONT", pid);
            FaultActions.makeFile(go);
            assertEquals(pid, PoolUnderTest.get(stopped));
            assertEquals(
                    pid,
                    PoolUnderTest.get(
                            runner.submit(() -> ProcessHandle.current().pid())));
            PoolUnderTest.goesOn(runner);
        }
    }

    @Test
    void aLongCollectionInAWorkerCostsNothing() throws Exception {
        try (Runner runner = open(1)) {
            Set<Long> pids = new HashSet<>();
            for (int i = 0; i < 3; i++) {
                pids.add(PoolUnderTest.get(runner.submit(() -> {
                    System.gc();
                    return ProcessHandle.current().pid();
                })));
            }
            assertEquals(1, pids.size());
            PoolUnderTest.goesOn(runner);
        }
    }

    @Test
    void aCloseOutlivesAWorkerThatIsStopped() throws Exception {
        Runner runner = open(1);
        long pid = PoolUnderTest.get(runner.submit(() -> ProcessHandle.current().pid()));
        PosixSignals.send("STOP", pid);
        TaskFuture<Integer> next = runner.submit(() -> 1);
        closeInTime(runner, List.of(next), false);
        awaitEnd(pid);
        Outcome<Void, Integer> outcome = next.awaitOutcome();
        assertEquals(Outcome.State.CANCELLED, outcome.state(), outcome::toString);
        assertFalse(outcome.exception() instanceof WorkerLostException, outcome::toString);
    }
    /** The close asks an idle worker to exit; one that cannot answer is killed a second later, and not when the close's time is up. */
    @Test
    void aCloseDoesNotWaitForAnIdleWorkerThatIsStopped() throws Exception {
        Duration closeTimeout = Duration.ofMinutes(5);
        Runner runner = builder(1).closeTimeout(closeTimeout).build();
        long pid = PoolUnderTest.get(runner.submit(() -> ProcessHandle.current().pid()));
        PosixSignals.send("STOP", pid);
        Thread.sleep(50); // the event loop comes to rest: what wakes it is the close alone
        long beganNanos = System.nanoTime();
        runner.close();
        Duration took = Duration.ofNanos(System.nanoTime() - beganNanos);
        assertTrue(took.compareTo(closeTimeout.dividedBy(4)) < 0, () -> "the close took " + took);
        leftovers.assertNone();
    }
}
