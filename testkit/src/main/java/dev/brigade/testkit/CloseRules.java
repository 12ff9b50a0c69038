package dev.brigade.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Capability;
import dev.brigade.Outcome;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.TaskContext;
import java.lang.Thread.State;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Rule 17: closing. */
public interface CloseRules extends Contract {
    @Test
    @Rule(17)
    default void closeIsIdempotentAndConcurrent(ContractFixture fixture) throws Exception {
        Runner runner = fixture.runner();
        assertEquals(List.of(1, 2), runner.map(List.of(1, 2), n -> n));
        List<Future<?>> closers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            boolean now = i % 2 == 1;
            closers.add(fixture.call(() -> {
                if (now) {
                    runner.closeNow();
                } else {
                    runner.close();
                }
                return 0;
            }));
        }
        for (Future<?> closer : closers) {
            fixture.result(closer);
        }
        runner.close();
        runner.closeNow();
    }

    @Test
    @Rule(17)
    default void callsAfterCloseAreRejected(ContractFixture fixture) {
        Runner runner = fixture.runner();
        runner.close();
        assertThrows(RejectedExecutionException.class, () -> runner.submit(() -> 1));
        assertThrows(RejectedExecutionException.class, () -> runner.map(List.of(1), n -> n));
        assertThrows(RejectedExecutionException.class, () -> runner.mapOutcomes(List.of(1), n -> n));
        assertThrows(RejectedExecutionException.class, () -> runner.<Integer>invokeAny(List.of(() -> 1)));
        assertThrows(RejectedExecutionException.class, () -> runner.submit(() -> {}));
        assertThrows(RejectedExecutionException.class, () -> runner.forEach(List.of(1), n -> {}));
        assertThrows(RejectedExecutionException.class, () -> runner.mapAsync(List.of(1), n -> n));
        if (runner.capabilities().contains(Capability.SHARED_MEMORY)) {
            assertThrows(
                    RejectedExecutionException.class,
                    () -> runner.asExecutorService().execute(() -> {}));
        }
    }

    @Test
    @Rule(17)
    default void closeStopsPullingAndDrainsWhatWasPulled(ContractFixture fixture) throws Exception {
        FileLatches latches = fixture.latches();
        AtomicInteger pulled = new AtomicInteger();
        Iterable<Step> inputs =
                () -> Stream.generate(() -> Step.of(pulled.getAndIncrement()).until("go"))
                        .iterator();
        List<Outcome<Step, Integer>> seen = new ArrayList<>();
        RunOptions options = RunOptions.builder().buffer(4).build();
        AtomicReference<@Nullable Thread> consumes = new AtomicReference<>();
        Future<?> consumer = fixture.call(() -> {
            consumes.set(Thread.currentThread());
            fixture.runner()
                    .mapOutcomes(inputs, new Work.Steps(latches), options)
                    .forEach(seen::add);
            return 0;
        });
        latches.await("started");
        // A pull that is under way while the runner closes may come too late to be run.
        latches.await("the window to be full", () -> pulled.get() == 4 && waits(consumes.get()));
        Future<?> closer = fixture.call(() -> {
            fixture.runner().close();
            return 0;
        });
        latches.await("the runner's refusal", () -> isClosed(fixture.runner()));
        latches.raise("go");
        Throwable thrown = assertInstanceOf(CancellationException.class, fixture.failure(consumer));
        assertInstanceOf(RejectedExecutionException.class, thrown.getCause());
        fixture.result(closer);
        assertEquals(pulled.get(), seen.size(), () -> thrown + " after " + seen);
        for (Outcome<Step, Integer> one : seen) {
            assertTrue(one.isSuccess(), () -> String.valueOf(one));
        }
    }

    private static boolean waits(@Nullable Thread thread) {
        return thread != null && EnumSet.of(State.WAITING, State.TIMED_WAITING).contains(thread.getState());
    }

    private static boolean isClosed(Runner runner) {
        try {
            runner.mapOutcomes(List.of(1), n -> n).close();
            return false;
        } catch (RejectedExecutionException closed) {
            return true;
        }
    }

    @Test
    @Rule(17)
    default void closeFromInsideABodyThrows(ContractFixture fixture) throws Exception {
        Future<String> said = fixture.call(() -> fixture.runner()
                .submit(() -> {
                    try {
                        TaskContext.current().runner().close();
                        return "closed";
                    } catch (IllegalStateException refused) {
                        return "refused";
                    }
                })
                .get());
        assertEquals("refused", fixture.result(said));
        assertEquals(List.of(1), fixture.runner().map(List.of(1), n -> n));
    }

    @Test
    @Rule(17)
    default void closeIsBoundedThoughABodyIsStuck(ContractFixture fixture) throws Exception {
        long byMillis = 2 * ContractFixture.SHORT_CLOSE.toMillis() + 1500;
        long millis = Long.MAX_VALUE;
        for (int i = 0; i < ContractFixture.TRIES && millis > byMillis; i++) { // a busy machine may delay one close
            millis = closesThoughItsBodyIsStuck(fixture, i);
        }
        long least = millis;
        assertTrue(least <= byMillis, () -> "closed after " + least + " ms, not by " + byMillis + " ms");
    }

    /** Returns the milliseconds that a close takes while a body is stuck. */
    private static long closesThoughItsBodyIsStuck(ContractFixture fixture, int value) throws Exception {
        Runner runner = fixture.runner(fixture.settings()
                .withGrace(ContractFixture.SHORT_GRACE)
                .withCloseTimeout(ContractFixture.SHORT_CLOSE));
        FileLatches latches = fixture.latches();
        List<Step> inputs = List.of(Step.of(value).until("go-" + value).stubbornly());
        Future<?> call = fixture.call(() -> runner.map(inputs, new Work.Steps(latches)));
        latches.await("started-" + value);
        long beginNanos = System.nanoTime();
        fixture.result(fixture.call(() -> {
            runner.close();
            return 0;
        }));
        long millis = (System.nanoTime() - beginNanos) / 1_000_000;
        assertTrue(millis >= 350, () -> "closed after " + millis + " ms, without waiting for what was pulled");
        assertFalse(latches.isRaised("ended-" + value), "the body has ended by itself");
        latches.raise("go-" + value);
        var unused = fixture.failure(call);
        return millis;
    }

    @Test
    @Rule(17)
    default void closeNowCancelsAtOnce(ContractFixture fixture) throws Exception {
        FileLatches latches = fixture.latches();
        List<Step> inputs = List.of(Step.of(0).until("never"), Step.of(1).until("never"));
        Future<?> call = fixture.call(() -> fixture.runner().map(inputs, new Work.Steps(latches)));
        latches.await("started-0");
        fixture.result(fixture.call(() -> {
            fixture.runner().closeNow();
            return 0;
        }));
        latches.await("cancelled-0");
        assertInstanceOf(CancellationException.class, fixture.failure(call));
    }

    @Test
    @Rule(17)
    default void aCloserThatIsInterruptedCancelsAndWaitsForTheCleanUp(ContractFixture fixture) throws Exception {
        FileLatches latches = fixture.latches();
        Work.CleansUp cleansUp = new Work.CleansUp(latches);
        Future<?> call = fixture.call(() -> fixture.runner().map(List.of(1), cleansUp));
        latches.await("started");
        boolean kept = fixture.result(fixture.call(() -> {
            Thread.currentThread().interrupt();
            fixture.runner().close();
            return Thread.interrupted();
        }));
        assertTrue(latches.isRaised("cleaned-up"));
        assertFalse(latches.isRaised("interrupted-twice"));
        assertTrue(kept, "the closer is interrupted still");
        assertInstanceOf(CancellationException.class, fixture.failure(call));
    }

    @Test
    @Rule(17)
    default void nothingCooperativeStaysAlive(ContractFixture fixture) throws Exception {
        fixture.runner().close();
        // Threads inherit the group of their starter: other tests' threads, which come and go, have other groups.
        ThreadGroup own = new ThreadGroup("nothingCooperativeStaysAlive");
        Set<Long> childrenBefore = children();
        FutureTask<Integer> life = new FutureTask<>(() -> liveAndClose(fixture));
        Thread owner = new Thread(own, life, "testkit");
        owner.setDaemon(true);
        owner.start();
        assertEquals(1, fixture.result(life));
        fixture.latches()
                .await("the end of the runner's threads", () -> threads(own).isEmpty());
        fixture.latches().await("the end of the runner's processes", () -> childrenBefore.containsAll(children()));
    }

    private static int liveAndClose(ContractFixture fixture) throws Exception {
        Runner runner = fixture.runner(fixture.settings());
        List<Integer> inputs = IntStream.range(0, 100).boxed().toList();
        assertEquals(inputs, runner.map(inputs, n -> n));
        int one = runner.submit(() -> 1).toCompletableFuture().get();
        runner.close();
        return one;
    }

    /** Returns the library's threads of that group. Others may belong to an executor that the runner was given, and goes on. */
    private static Set<Thread> threads(ThreadGroup group) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("brigade-"))
                .filter(thread -> group.equals(thread.getThreadGroup()))
                .collect(Collectors.toCollection(HashSet::new));
    }

    private static Set<Long> children() {
        return ProcessHandle.current()
                .children()
                .filter(ProcessHandle::isAlive)
                .map(ProcessHandle::pid)
                .collect(Collectors.toCollection(HashSet::new));
    }
}
