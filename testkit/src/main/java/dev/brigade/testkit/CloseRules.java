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
    default void closeIsIdempotentAndConcurrent(ContractFixture bench) throws Exception {
        Runner runner = bench.runner();
        assertEquals(List.of(1, 2), runner.map(List.of(1, 2), n -> n));
        List<Future<?>> closers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            boolean now = i % 2 == 1;
            closers.add(bench.call(() -> {
                if (now) {
                    runner.closeNow();
                } else {
                    runner.close();
                }
                return 0;
            }));
        }
        for (Future<?> closer : closers) {
            bench.result(closer);
        }
        runner.close();
        runner.closeNow();
    }

    @Test
    @Rule(17)
    default void callsAfterCloseAreRejected(ContractFixture bench) {
        Runner runner = bench.runner();
        runner.close();
        assertThrows(RejectedExecutionException.class, () -> runner.submit(() -> 1));
        assertThrows(RejectedExecutionException.class, () -> runner.map(List.of(1), n -> n));
        assertThrows(RejectedExecutionException.class, () -> runner.mapOutcomes(List.of(1), n -> n));
        assertThrows(RejectedExecutionException.class, () -> runner.<Integer>invokeAny(List.of(() -> 1)));
    }

    @Test
    @Rule(17)
    default void closeStopsPullingAndDrainsWhatWasPulled(ContractFixture bench) throws Exception {
        FileLatches signals = bench.signals();
        AtomicInteger pulled = new AtomicInteger();
        Iterable<Step> inputs =
                () -> Stream.generate(() -> Step.of(pulled.getAndIncrement()).until("go"))
                        .iterator();
        List<Outcome<Step, Integer>> seen = new ArrayList<>();
        RunOptions options = RunOptions.builder().buffer(4).build();
        AtomicReference<@Nullable Thread> consumes = new AtomicReference<>();
        Future<?> consumer = bench.call(() -> {
            consumes.set(Thread.currentThread());
            bench.runner().mapOutcomes(inputs, new Work.Steps(signals), options).forEach(seen::add);
            return 0;
        });
        signals.await("started");
        // A pull that is under way while the runner closes may come too late to be run.
        signals.await("the window to be full", () -> pulled.get() == 4 && waits(consumes.get()));
        Future<?> closer = bench.call(() -> {
            bench.runner().close();
            return 0;
        });
        signals.await("the runner's refusal", () -> isClosed(bench.runner()));
        signals.raise("go");
        Throwable thrown = assertInstanceOf(CancellationException.class, bench.failure(consumer));
        assertInstanceOf(RejectedExecutionException.class, thrown.getCause());
        bench.result(closer);
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
    default void closeFromInsideABodyThrows(ContractFixture bench) throws Exception {
        Future<String> said = bench.call(() -> bench.runner()
                .submit(() -> {
                    try {
                        TaskContext.current().runner().close();
                        return "closed";
                    } catch (IllegalStateException refused) {
                        return "refused";
                    }
                })
                .get());
        assertEquals("refused", bench.result(said));
        assertEquals(List.of(1), bench.runner().map(List.of(1), n -> n));
    }

    @Test
    @Rule(17)
    default void closeIsBoundedThoughABodyIsStuck(ContractFixture bench) throws Exception {
        long byMillis = 2 * ContractFixture.SHORT_CLOSE.toMillis() + 1500;
        long millis = Long.MAX_VALUE;
        for (int i = 0; i < ContractFixture.TRIES && millis > byMillis; i++) { // on a busy machine one may be late
            millis = closesThoughItsBodyIsStuck(bench, i);
        }
        long least = millis;
        assertTrue(least <= byMillis, () -> "closed after " + least + " ms, not by " + byMillis + " ms");
    }

    /** How long a close takes. */
    private static long closesThoughItsBodyIsStuck(ContractFixture bench, int value) throws Exception {
        Runner runner = bench.runner(
                bench.settings().withGrace(ContractFixture.SHORT_GRACE).withCloseTimeout(ContractFixture.SHORT_CLOSE));
        FileLatches signals = bench.signals();
        List<Step> inputs = List.of(Step.of(value).until("go-" + value).stubbornly());
        Future<?> call = bench.call(() -> runner.map(inputs, new Work.Steps(signals)));
        signals.await("started-" + value);
        long beginNanos = System.nanoTime();
        bench.result(bench.call(() -> {
            runner.close();
            return 0;
        }));
        long millis = (System.nanoTime() - beginNanos) / 1_000_000;
        assertTrue(millis >= 350, () -> "closed after " + millis + " ms, without waiting for what was pulled");
        boolean goesOn = !runner.capabilities().contains(Capability.FORCIBLE_CANCEL);
        assertEquals(goesOn, !signals.isRaised("ended-" + value) && goesOn);
        signals.raise("go-" + value);
        var unused = bench.failure(call);
        return millis;
    }

    @Test
    @Rule(17)
    default void closeNowCancelsAtOnce(ContractFixture bench) throws Exception {
        FileLatches signals = bench.signals();
        List<Step> inputs = List.of(Step.of(0).until("never"), Step.of(1).until("never"));
        Future<?> call = bench.call(() -> bench.runner().map(inputs, new Work.Steps(signals)));
        signals.await("started-0");
        bench.result(bench.call(() -> {
            bench.runner().closeNow();
            return 0;
        }));
        signals.await("cancelled-0");
        assertInstanceOf(CancellationException.class, bench.failure(call));
    }

    @Test
    @Rule(17)
    default void aCloserThatIsInterruptedCancelsAndWaitsForTheCleanUp(ContractFixture bench) throws Exception {
        FileLatches signals = bench.signals();
        Work.CleansUp cleansUp = new Work.CleansUp(signals);
        Future<?> call = bench.call(() -> bench.runner().map(List.of(1), cleansUp));
        signals.await("started");
        boolean kept = bench.result(bench.call(() -> {
            Thread.currentThread().interrupt();
            bench.runner().close();
            return Thread.interrupted();
        }));
        assertTrue(signals.isRaised("cleaned-up"));
        assertFalse(signals.isRaised("interrupted-twice"));
        assertTrue(kept, "the closer is interrupted still");
        assertInstanceOf(CancellationException.class, bench.failure(call));
    }

    @Test
    @Rule(17)
    default void nothingCooperativeStaysAlive(ContractFixture bench) throws Exception {
        bench.runner().close();
        // What a thread starts is of its group: other tests' threads, which come and go meanwhile, are of others.
        ThreadGroup own = new ThreadGroup("nothingCooperativeStaysAlive");
        Set<Long> childrenBefore = children();
        FutureTask<Integer> life = new FutureTask<>(() -> liveAndClose(bench));
        Thread owner = new Thread(own, life, "testkit");
        owner.setDaemon(true);
        owner.start();
        assertEquals(1, bench.result(life));
        bench.signals()
                .await("the end of the runner's threads", () -> threads(own).isEmpty());
        bench.signals().await("the end of the runner's processes", () -> childrenBefore.containsAll(children()));
    }

    private static int liveAndClose(ContractFixture bench) throws Exception {
        Runner runner = bench.runner(bench.settings());
        List<Integer> inputs = IntStream.range(0, 100).boxed().toList();
        assertEquals(inputs, runner.map(inputs, n -> n));
        int one = runner.submit(() -> 1).toCompletableFuture().get();
        runner.close();
        return one;
    }

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
