package dev.brigade.faults;

import static dev.brigade.faults.PoolUnderTest.WAIT_SECONDS;
import static dev.brigade.faults.PoolUnderTest.failureOf;
import static dev.brigade.faults.PoolUnderTest.numbers;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Outcome;
import dev.brigade.Outcome.State;
import dev.brigade.Outcomes;
import dev.brigade.RetryPolicy;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.Task;
import dev.brigade.TaskContext;
import dev.brigade.TaskFunction;
import dev.brigade.TaskFuture;
import dev.brigade.TaskTimeoutException;
import dev.brigade.WorkerChannel;
import dev.brigade.WorkerLostException;
import dev.brigade.WorkerLostException.Reason;
import dev.brigade.runner.ProcessRunner;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tests of a pool's decisions when much happens at once: the recipient of a result, the order of tasks, and the task to blame. No pool here
 * leaves anything behind.
 */
@ParameterizedClass
@MethodSource("dev.brigade.faults.Soak#channels")
@Timeout(value = 2 * WAIT_SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class BookkeepingFaultsTest {
    /** Longer than any test, so that no worker is killed for a task that is merely slow. */
    private static final Duration LONG_GRACE = Duration.ofSeconds(20);

    private static final Duration SHORT_GRACE = Duration.ofMillis(300);

    @Parameter
    WorkerChannel channel;

    private ProcessRunner.Builder builder(int workers) {
        return ProcessRunner.builder().workers(workers).channel(channel).grace(LONG_GRACE);
    }

    private PoolUnderTest pool(int workers) {
        return new PoolUnderTest(builder(workers));
    }

    private static void assertAllSucceed(List<? extends Outcome<Integer, ?>> outcomes, int exceptFor) {
        for (Outcome<Integer, ?> outcome : outcomes) {
            if (outcome.index() != exceptFor) {
                assertEquals(State.SUCCESS, outcome.state(), outcome::toString);
                assertEquals(1, outcome.attempts(), outcome::toString);
            }
        }
    }

    private static RunOptions retries(int attempts) {
        return RunOptions.builder().retry(RetryPolicy.ofMaxAttempts(attempts)).build();
    }

    // ---- recycling, crash loops, poison

    @Test
    void recyclingWithABacklogCostsNoTask() throws Exception {
        try (PoolUnderTest pool = new PoolUnderTest(builder(2).maxTasksPerWorker(25))) {
            List<Outcome<Integer, Long>> outcomes =
                    pool.outcomes(numbers(150), n -> ProcessHandle.current().pid(), retries(3));
            assertAllSucceed(outcomes, -1);
            Map<Long, Integer> tasks = new HashMap<>();
            outcomes.forEach(outcome -> tasks.merge(outcome.value(), 1, Integer::sum));
            tasks.values().forEach(count -> assertTrue(count <= 25, tasks::toString));
            pool.goesOn();
        }
    }

    @Test
    void aCrashLoopBacksOffAndIsToldOnce(@TempDir Path directory) throws Exception {
        String starts = directory.resolve("starts").toString();
        String cured = directory.resolve("cured").toString();
        Task<?> initializer = () -> {
            Files.writeString(Path.of(starts), "x", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            if (!Files.exists(Path.of(cured))) {
                System.err.println("no licence");
                Runtime.getRuntime().halt(17);
            }
            return null;
        };
        try (PoolUnderTest pool = new PoolUnderTest(builder(2).initializer(initializer))) {
            List<TaskFuture<Integer>> futures = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                futures.add(pool.runner.submit(() -> 1));
            }
            Set<Throwable> failures = java.util.Collections.newSetFromMap(new java.util.IdentityHashMap<>());
            for (TaskFuture<Integer> future : futures) {
                WorkerLostException lost = assertInstanceOf(WorkerLostException.class, failureOf(future));
                assertEquals(Reason.NEVER_READY, lost.reason(), lost::getMessage);
                assertEquals(17, lost.exitCode().orElseThrow(), lost::getMessage);
                failures.add(lost);
            }
            assertEquals(futures.size(), failures.size(), "each has an exception of its own");
            long count = Files.size(Path.of(starts));
            assertTrue(count <= 8, count + " starts for twenty tasks");
            FaultActions.makeFile(cured);
            // A worker that was started before the cure may still be dying, and may fail the next task.
            PoolUnderTest.await("recovery", () -> succeeds(pool.runner));
            pool.goesOn();
        }
    }

    /** The backoff is a lower bound of the gaps between starts, since a busy machine adds to them. */
    @Test
    void failedStartsComeFurtherAndFurtherApart(@TempDir Path directory) throws Exception {
        // The time since the machine's start, which cannot be set, in seconds with two decimals.
        String fault = "read up rest < /proc/uptime; echo $up >> \"$home/starts\"; exit 17";
        ScriptedJavaHome home = ScriptedJavaHome.broken(directory, fault);
        try (PoolUnderTest pool = new PoolUnderTest(builder(1).javaHome(home.directory))) {
            for (int i = 0; i < 4; i++) {
                WorkerLostException lost =
                        assertInstanceOf(WorkerLostException.class, failureOf(pool.runner.submit(() -> 1)));
                assertEquals(Reason.NEVER_READY, lost.reason(), lost::getMessage);
            }
            List<Long> gaps = gapsMillis(Files.readAllLines(home.file("starts")));
            // The first task gets three starts and each later task one, as long as no worker gets ready.
            long[] backoffs = {50, 100, 200, 200, 200};
            assertEquals(backoffs.length, gaps.size(), gaps::toString);
            for (int i = 0; i < backoffs.length; i++) {
                // Both times are truncated to hundredths of a second.
                assertTrue(gaps.get(i) >= backoffs[i] - 10, gaps::toString);
            }
            home.mend();
            pool.goesOn();
        }
    }

    private static List<Long> gapsMillis(List<String> seconds) {
        List<Long> gaps = new ArrayList<>();
        for (int i = 1; i < seconds.size(); i++) {
            BigDecimal gap = new BigDecimal(seconds.get(i)).subtract(new BigDecimal(seconds.get(i - 1)));
            gaps.add(gap.movePointRight(3).longValueExact());
        }
        return gaps;
    }

    private static boolean succeeds(Runner runner) {
        try {
            return runner.submit(() -> 1).awaitOutcome().isSuccess();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void manyDeathsInARowAreNoCrashLoop() throws Exception {
        try (PoolUnderTest pool = pool(2)) {
            TaskFunction<Integer, Integer> function = n -> {
                Runtime.getRuntime().halt(n + 10);
                return n;
            };
            for (Outcome<Integer, Integer> outcome : pool.outcomes(numbers(10), function, RunOptions.defaults())) {
                WorkerLostException lost = assertInstanceOf(WorkerLostException.class, outcome.exception());
                assertEquals(outcome.index() + 10, lost.exitCode().orElseThrow(), lost::getMessage);
            }
            pool.goesOn();
        }
    }

    @Test
    void aPoisonTaskIsTriedItsNumberOfTimesAndTakesNobodyAlong() throws Exception {
        int poison = 20;
        try (PoolUnderTest pool = pool(2)) {
            List<Outcome<Integer, Integer>> outcomes = pool.outcomes(
                    numbers(100),
                    n -> {
                        if (n == poison) {
                            System.err.println(
                                    "attempt " + TaskContext.current().attempt());
                            Runtime.getRuntime().halt(5);
                        }
                        return n;
                    },
                    retries(3));
            assertAllSucceed(outcomes, poison);
            Outcome<Integer, Integer> poisoned = outcomes.get(poison);
            assertEquals(State.FAILED, poisoned.state());
            assertEquals(3, poisoned.attempts());
            WorkerLostException lost = assertInstanceOf(WorkerLostException.class, poisoned.exception());
            assertEquals(5, lost.exitCode().orElseThrow(), lost::getMessage);
            assertEquals(List.of("attempt 3"), lost.stderr());
            assertTellsOf(lost, 1, Reason.EXITED, "exited with code 5");
            assertTellsOf(lost, 2, Reason.EXITED, "exited with code 5");
            pool.goesOn();
        }
    }

    /** Each attempt ends in another way. */
    @Test
    void aPoisonTasksExceptionTellsOfAllItsAttempts() throws Exception {
        RunOptions options = retries(3).toBuilder()
                .taskTimeout(Duration.ofSeconds(3))
                .name("poison")
                .build();
        try (PoolUnderTest pool = new PoolUnderTest(builder(1).grace(SHORT_GRACE))) {
            Task<Integer> poison = () -> {
                System.err.println("attempt " + TaskContext.current().attempt());
                switch (TaskContext.current().attempt()) {
                    case 1 -> Runtime.getRuntime().halt(6);
                    case 2 -> FaultActions.die();
                    default -> FaultActions.ignoreInterrupts();
                }
                return 1;
            };
            Outcome<Void, Integer> outcome = pool.runner.submit(poison, options).awaitOutcome();
            assertEquals(State.TIMED_OUT, outcome.state(), outcome::toString);
            WorkerLostException lost = assertInstanceOf(
                    WorkerLostException.class, outcome.exception().getCause());
            assertTrue(lost.getMessage().contains("poison #0 (attempt 3; it has cost 3 workers)"), lost::getMessage);
            assertEquals(2, lost.getSuppressed().length);
            assertTellsOf(lost, 1, Reason.EXITED, "exited with code 6 while it ran poison #0");
            assertTellsOf(lost, 2, Reason.SIGNALLED, "was ended by signal 9 (SIGKILL)");
            pool.goesOn();
        }
    }

    private static void assertTellsOf(WorkerLostException last, int attempt, Reason reason, String what) {
        WorkerLostException earlier = assertInstanceOf(WorkerLostException.class, last.getSuppressed()[attempt - 1]);
        String message = earlier.getMessage();
        assertTrue(message.startsWith("attempt " + attempt + ": worker-") && message.contains(what), message);
        assertEquals(reason, earlier.reason(), message);
        assertEquals(List.of("attempt " + attempt), earlier.stderr());
    }

    @Test
    void aWorkerThatDiesWithTasksQueuedCostsNoneOfThem() throws Exception {
        int blamed = 150;
        try (PoolUnderTest pool = pool(1)) {
            pool.runner.map(numbers(2000), n -> n); // quick tasks: from now on many are queued at the worker
            List<Outcome<Integer, Integer>> outcomes =
                    pool.outcomes(numbers(300), n -> n == blamed ? FaultActions.die() : n, retries(1));
            assertAllSucceed(outcomes, blamed);
            WorkerLostException lost = assertInstanceOf(
                    WorkerLostException.class, outcomes.get(blamed).exception());
            assertEquals(9, lost.signal().orElseThrow(), lost::getMessage);
            pool.goesOn();
        }
    }

    @Test
    void aHundredBadTasksDoNotStarveGoodOnes() throws Exception {
        try (PoolUnderTest pool = pool(2)) {
            RunOptions limited =
                    RunOptions.builder().taskTimeout(Duration.ofMillis(50)).build();
            List<Outcome<Integer, Integer>> bad = new CopyOnWriteArrayList<>();
            CountDownLatch begun = new CountDownLatch(1);
            CompletableFuture<Void> consumer = CompletableFuture.runAsync(() -> {
                TaskFunction<Integer, Integer> hangs = n -> {
                    Thread.sleep(60_000);
                    return n;
                };
                try (Outcomes<Integer, Integer> outcomes = pool.runner.mapOutcomes(numbers(100), hangs, limited)) {
                    outcomes.forEach(outcome -> {
                        bad.add(outcome);
                        begun.countDown();
                    });
                }
            });
            assertTrue(begun.await(WAIT_SECONDS, TimeUnit.SECONDS));
            assertEquals(numbers(10), pool.runner.map(numbers(10), n -> n));
            assertTrue(bad.size() < 100, "the good ones waited for all the bad ones");
            consumer.get(WAIT_SECONDS, TimeUnit.SECONDS);
            assertEquals(100, bad.size());
            bad.forEach(outcome -> assertEquals(State.TIMED_OUT, outcome.state(), outcome::toString));
            pool.goesOn();
        }
    }

    // ---- cancels and time-outs

    @Test
    void aTaskCancelledBeforeItsStartNeverRuns(@TempDir Path directory) throws Exception {
        String go = directory.resolve("go").toString();
        String ran = directory.resolve("ran").toString();
        try (PoolUnderTest pool = pool(1)) {
            long pid = pool.pid();
            TaskFuture<Long> slow = pool.runner.submit(() -> {
                FaultActions.awaitFile(go);
                return ProcessHandle.current().pid();
            });
            TaskFuture<Integer> victim = pool.runner.submit(() -> {
                FaultActions.makeFile(ran);
                return 1;
            });
            assertTrue(victim.cancel(true));
            assertThrows(CancellationException.class, () -> PoolUnderTest.get(victim));
            FaultActions.makeFile(go);
            assertEquals(pid, PoolUnderTest.get(slow));
            pool.goesOn();
            assertFalse(Files.exists(Path.of(ran)));
            assertEquals(pid, pool.pid());
        }
    }

    /** The worker is stopped by a signal, so that the tasks wait in its socket. */
    @Test
    void aTaskCancelledInTransitCostsNoOther() throws Exception {
        try (PoolUnderTest pool = pool(1)) {
            long pid = pool.pid();
            PosixSignals.send("STOP", pid);
            List<TaskFuture<Integer>> futures = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                int n = i;
                futures.add(pool.runner.submit(() -> n));
            }
            for (int i = 0; i < futures.size(); i += 2) {
                assertTrue(futures.get(i).cancel(true));
            }
            PosixSignals.send("CONT", pid);
            for (int i = 1; i < futures.size(); i += 2) {
                assertEquals(i, PoolUnderTest.get(futures.get(i)));
            }
            pool.goesOn();
            assertEquals(pid, pool.pid());
        }
    }

    @Test
    void aTaskCancelledWhileItRunsIsInterruptedAndItsWorkerGoesOn(@TempDir Path directory) throws Exception {
        try (PoolUnderTest pool = pool(1)) {
            long pid = pool.pid();
            for (int round = 0; round < 20; round++) {
                String begun = directory.resolve("begun-" + round).toString();
                TaskFuture<Integer> victim = pool.runner.submit(() -> {
                    FaultActions.makeFile(begun);
                    Thread.sleep(60_000);
                    return 1;
                });
                FaultActions.awaitFile(begun);
                TaskFuture<Long> next =
                        pool.runner.submit(() -> ProcessHandle.current().pid());
                assertTrue(victim.cancel(true));
                assertEquals(pid, PoolUnderTest.get(next));
            }
            pool.goesOn();
        }
    }

    /**
     * A kill that was due for a task that has ended would hit the worker's next task, which would fail. A task that a busy machine keeps
     * from ending within the grace rightly costs its worker, at no other task's cost.
     */
    @Test
    void aCancelThatComesWithTheResultCostsNoOtherTaskItsWorker() throws Exception {
        Random random = new Random(4);
        try (PoolUnderTest pool = new PoolUnderTest(builder(1).grace(SHORT_GRACE))) {
            for (int round = 0; round < 400; round++) {
                int n = round;
                TaskFuture<Integer> victim = pool.runner.submit(() -> n);
                TaskFuture<Integer> next = pool.runner.submit(() -> -n);
                spin(random.nextInt(300_000));
                boolean cancelled = victim.cancel(true);
                assertEquals(-n, PoolUnderTest.get(next));
                assertEquals(
                        cancelled ? State.CANCELLED : State.SUCCESS,
                        victim.awaitOutcome().state());
            }
            long graceMillis = SHORT_GRACE.toMillis();
            assertEquals(1, pool.get(() -> {
                Thread.sleep(2 * graceMillis); // the last kill would come now
                return 1;
            }));
            pool.goesOn();
        }
    }

    private static void spin(long nanos) {
        long untilNanos = System.nanoTime() + nanos;
        while (System.nanoTime() - untilNanos < 0) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aTimeoutThatRacesTheEndIsOneOrTheOther() throws Exception {
        Random random = new Random(5);
        Duration limit = Duration.ofMillis(10);
        RunOptions limited = RunOptions.builder().taskTimeout(limit).build();
        try (PoolUnderTest pool = pool(2)) {
            List<TaskFuture<Integer>> futures = new ArrayList<>();
            for (int round = 0; round < 100; round++) {
                int n = round;
                long nanos = limit.toNanos() * (70 + random.nextInt(40)) / 100;
                futures.add(pool.runner.submit(
                        () -> {
                            LockSupport.parkNanos(nanos);
                            return n;
                        },
                        limited));
            }
            for (int round = 0; round < futures.size(); round++) {
                Outcome<Void, Integer> outcome = futures.get(round).awaitOutcome();
                if (outcome.state() == State.TIMED_OUT) {
                    assertInstanceOf(TaskTimeoutException.class, outcome.exception());
                } else {
                    assertEquals(round, outcome.value(), outcome::toString);
                }
            }
            pool.goesOn();
        }
    }

    @Test
    void aResultAfterTheTimeoutIsDroppedAndItsWorkerGoesOn() throws Exception {
        RunOptions limited =
                RunOptions.builder().taskTimeout(Duration.ofMillis(100)).build();
        try (PoolUnderTest pool = pool(1)) {
            long pid = pool.pid();
            TaskFuture<Integer> late = pool.runner.submit(
                    () -> {
                        spin(TimeUnit.MILLISECONDS.toNanos(300));
                        return 1;
                    },
                    limited);
            Outcome<Void, Integer> outcome = late.awaitOutcome();
            assertEquals(State.TIMED_OUT, outcome.state(), outcome::toString);
            assertEquals(pid, pool.pid());
            pool.goesOn();
        }
    }

    @Test
    void aCallerThatIsInterruptedLeavesItsTaskAndTheChannelAlone(@TempDir Path directory) throws Exception {
        String go = directory.resolve("go").toString();
        try (PoolUnderTest pool = pool(1)) {
            long pid = pool.pid();
            TaskFuture<Long> slow = pool.runner.submit(() -> {
                FaultActions.awaitFile(go);
                return ProcessHandle.current().pid();
            });
            Thread.currentThread().interrupt();
            assertThrows(InterruptedException.class, slow::get);
            Thread.currentThread().interrupt();
            TaskFuture<Integer> submittedInterrupted = pool.runner.submit(() -> 2);
            assertTrue(Thread.interrupted());
            FaultActions.makeFile(go);
            assertEquals(pid, PoolUnderTest.get(slow));
            assertEquals(2, PoolUnderTest.get(submittedInterrupted));
            pool.goesOn();
        }
    }

    @Test
    void aMapThatIsInterruptedCancelsItsWork(@TempDir Path directory) throws Exception {
        String begun = directory.resolve("begun").toString();
        try (PoolUnderTest pool = pool(1)) {
            long pid = pool.pid();
            Thread caller = Thread.currentThread();
            CompletableFuture<Void> interrupter = CompletableFuture.runAsync(() -> {
                try {
                    FaultActions.awaitFile(begun);
                } catch (InterruptedException e) {
                    throw new CompletionException(e);
                }
                caller.interrupt();
            });
            assertThrows(
                    InterruptedException.class,
                    () -> pool.runner.map(numbers(100), n -> {
                        if (n == 0) {
                            FaultActions.makeFile(begun);
                        }
                        Thread.sleep(60_000);
                        return n;
                    }));
            interrupter.get(WAIT_SECONDS, TimeUnit.SECONDS);
            pool.goesOn();
            assertEquals(pid, pool.pid());
        }
    }

    // ---- callers' own code that throws

    @Test
    void listenersAndCallbacksThatThrowHarmNobody() throws Exception {
        try (PoolUnderTest pool = new PoolUnderTest(builder(1).outputListener(output -> {
            throw new IllegalStateException("listener");
        }))) {
            RunOptions options = RunOptions.builder()
                    .onProgress(progress -> {
                        throw new IllegalStateException("progress");
                    })
                    .build();
            List<Outcome<Integer, Integer>> outcomes = pool.outcomes(
                    numbers(50),
                    n -> {
                        System.out.println(n);
                        return n;
                    },
                    options);
            assertAllSucceed(outcomes, -1);
            CompletableFuture<Integer> dependent = pool.runner
                    .submit(() -> 1)
                    .toCompletableFuture()
                    .thenApply(n -> {
                        throw new IllegalStateException("dependent");
                    });
            assertThrows(CompletionException.class, dependent::join);
            pool.goesOn();
        }
    }

    @Test
    void aRetryTestThatThrowsMeansNo() throws Exception {
        RetryPolicy policy = RetryPolicy.builder()
                .retryIf(failure -> {
                    throw new IllegalStateException("test");
                })
                .build();
        try (PoolUnderTest pool = pool(1)) {
            Task<Integer> failing = () -> {
                throw new IOException("told");
            };
            Outcome<Void, Integer> outcome = pool.runner
                    .submit(failing, RunOptions.builder().retry(policy).build())
                    .awaitOutcome();
            assertInstanceOf(IOException.class, outcome.exception());
            assertEquals(1, outcome.attempts());
            pool.goesOn();
        }
    }

    // ---- many, none, nested

    /** Nested work starts no process, at any depth. */
    @Test
    void nestedWorkStaysInItsWorker() throws Exception {
        try (PoolUnderTest pool = pool(2)) {
            Set<Long> pids = new HashSet<>();
            for (List<Long> nested : pool.runner.map(numbers(8), n -> pidsBelow(3))) {
                assertEquals(1, new HashSet<>(nested).size(), nested::toString);
                pids.addAll(nested);
            }
            assertTrue(pids.size() <= 2, pids::toString);
            pool.goesOn();
        }
    }

    private static List<Long> pidsBelow(int depth) throws Exception {
        List<Long> pids = new ArrayList<>(List.of(ProcessHandle.current().pid()));
        if (depth > 0) {
            Runner runner = TaskContext.current().runner();
            runner.map(List.of(1, 2), n -> pidsBelow(depth - 1)).forEach(pids::addAll);
        }
        return pids;
    }

    /** A pool that a task has left open ends with the task's worker. */
    @Test
    void aPoolInsideATaskEndsWithItsWorker() throws Exception {
        long inner;
        try (PoolUnderTest pool = pool(1)) {
            inner = pool.get(BookkeepingFaultsTest::leaveAPool);
            pool.goesOn();
            assertTrue(ProcessHandle.of(inner).isPresent());
        }
        PoolUnderTest.awaitEnd(inner);
    }

    private static Runner left;

    @SuppressWarnings("MustBeClosedChecker") // the point
    private static long leaveAPool() throws Exception {
        left = ProcessRunner.of(1);
        return left.submit(() -> ProcessHandle.current().pid()).get();
    }

    @Test
    void manyThreadsMaySubmitAtOnce() throws Exception {
        int threads = 16;
        int each = 60;
        try (PoolUnderTest pool = pool(2)) {
            CountDownLatch together = new CountDownLatch(threads);
            List<CompletableFuture<Integer>> sums = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                CompletableFuture<Integer> sum = new CompletableFuture<>();
                sums.add(sum);
                new Thread(() -> {
                            try {
                                together.countDown();
                                together.await();
                                sum.complete(submitAndAdd(pool.runner, each));
                            } catch (Throwable e) {
                                sum.completeExceptionally(e);
                            }
                        })
                        .start();
            }
            for (CompletableFuture<Integer> sum : sums) {
                assertEquals(each * (each - 1) / 2, sum.get(WAIT_SECONDS, TimeUnit.SECONDS));
            }
            pool.goesOn();
        }
    }

    private static int submitAndAdd(Runner runner, int count) throws Exception {
        List<TaskFuture<Integer>> futures = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int n = i;
            futures.add(runner.submit(() -> n));
        }
        int sum = 0;
        for (TaskFuture<Integer> future : futures) {
            sum += PoolUnderTest.get(future);
        }
        return sum;
    }

    @Test
    void noInputsStartNoProcess() throws Exception {
        long before = ProcessHandle.current().children().count();
        try (PoolUnderTest pool = pool(2)) {
            assertEquals(List.of(), pool.runner.map(List.<Integer>of(), n -> n));
            assertEquals(before, ProcessHandle.current().children().count());
            pool.goesOn();
        }
    }

    @Test
    void noMoreWorkersAreStartedThanThereAreTasks(@TempDir Path directory) throws Exception {
        long before = ProcessHandle.current().children().count();
        String place = directory.toString();
        try (PoolUnderTest pool = pool(8)) {
            assertEquals(List.of(0, 1), pool.runner.map(numbers(2), n -> {
                FaultActions.makeFile(place + "/" + n);
                FaultActions.awaitFile(place + "/" + (1 - n)); // both run at once
                return n;
            }));
            assertEquals(before + 2, ProcessHandle.current().children().count());
            pool.goesOn();
        }
    }

    @Test
    void noMoreWorkersAreStartedThanACallMayUse() throws Exception {
        long before = ProcessHandle.current().children().count();
        try (PoolUnderTest pool = pool(8)) {
            for (int i = 0; i < 200; i++) { // quick tasks on one worker, so that the prefetch depth grows
                assertEquals(1, pool.get(() -> 1));
            }
            RunOptions two = RunOptions.builder().maxConcurrency(2).build();
            assertEquals(numbers(50), pool.runner.map(numbers(50), n -> n, two));
            long workers = ProcessHandle.current().children().count() - before;
            assertTrue(workers <= 2, () -> workers + " workers"); // the second may still be starting
        }
    }

    @Test
    void anIdleWorkerThatLeavesJustThenCostsNoTask() throws Exception {
        Duration idle = Duration.ofMillis(20);
        Random random = new Random(6);
        try (PoolUnderTest pool = new PoolUnderTest(builder(1).idleTimeout(idle))) {
            Set<Long> pids = new HashSet<>();
            for (int round = 0; round < 15 || pids.size() < 2; round++) {
                assertTrue(round < 500, "none has left"); // a busy machine may need many rounds
                LockSupport.parkNanos(idle.toNanos() * (80 + random.nextInt(30)) / 100);
                Outcome<Void, Long> outcome =
                        pool.runner.submit(() -> ProcessHandle.current().pid()).awaitOutcome();
                assertEquals(State.SUCCESS, outcome.state(), outcome::toString);
                assertEquals(1, outcome.attempts());
                pids.add(outcome.value());
            }
            pool.goesOn();
        }
    }

    // ---- exceptions

    @Test
    void noTwoOutcomesShareAnException() throws Exception {
        try (PoolUnderTest pool = new PoolUnderTest(builder(2).grace(SHORT_GRACE))) {
            List<Outcome<Integer, Integer>> outcomes =
                    pool.outcomes(numbers(10), new DiesWhenDecoded(), RunOptions.defaults());
            for (int i = 1; i < outcomes.size(); i++) {
                assertInstanceOf(WorkerLostException.class, outcomes.get(i).exception());
                assertNotSame(outcomes.get(i - 1).exception(), outcomes.get(i).exception());
            }
            pool.goesOn();
            TaskFuture<Integer> one = pool.runner.submit(FaultActions::ignoreInterrupts);
            TaskFuture<Integer> two = pool.runner.submit(FaultActions::ignoreInterrupts);
            TaskFuture<Integer> three = pool.runner.submit(() -> 3);
            pool.runner.closeNow();
            assertEquals(State.CANCELLED, one.awaitOutcome().state());
            assertNotSame(one.awaitOutcome().exception(), two.awaitOutcome().exception());
            assertNotSame(two.awaitOutcome().exception(), three.awaitOutcome().exception());
        }
    }
}
