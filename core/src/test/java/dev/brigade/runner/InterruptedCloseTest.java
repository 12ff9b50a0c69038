package dev.brigade.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Capability;
import dev.brigade.Runner;
import dev.brigade.Task;
import dev.brigade.TaskFunction;
import dev.brigade.TaskFuture;
import dev.brigade.engine.BackendRunner;
import dev.brigade.spi.BatchSpec;
import dev.brigade.spi.ExecutionBackend;
import dev.brigade.spi.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests that a close on an interrupted thread behaves like the JDK's {@code ExecutorService.close}: it cancels, and waits on. */
@Timeout(60)
class InterruptedCloseTest {
    private static final int LONG = 20;

    private enum Interrupt {
        BEFORE,
        MEANWHILE,
        AGAIN_AND_AGAIN
    }

    /** Closes the runner on a thread that is interrupted at the given time. Returns true if that thread is interrupted in the end. */
    private static boolean closeInterrupted(Runner runner, Interrupt when) throws Exception {
        FutureTask<Boolean> closer = new FutureTask<>(() -> {
            if (when == Interrupt.BEFORE) {
                Thread.currentThread().interrupt();
            }
            runner.close();
            return Thread.interrupted();
        });
        Thread thread = new Thread(closer, "closer");
        thread.start();
        AtomicBoolean over = new AtomicBoolean();
        Thread disturber = new Thread(() -> disturb(thread, over), "disturber");
        if (when == Interrupt.AGAIN_AND_AGAIN) {
            disturber.start();
        } else if (when == Interrupt.MEANWHILE) {
            awaitWaiting(thread);
            thread.interrupt();
        }
        try {
            return closer.get(2 * LONG, TimeUnit.SECONDS);
        } finally {
            over.set(true);
            disturber.join();
        }
    }

    /** Waits until the thread is in a timed wait, as a thread that closes is, or has ended. */
    private static void awaitWaiting(Thread thread) {
        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONG);
        while (thread.getState() != Thread.State.TIMED_WAITING && thread.isAlive()) {
            assertTrue(System.nanoTime() < endNanos, () -> thread + " is " + thread.getState());
            Thread.onSpinWait();
        }
    }

    private static void disturb(Thread thread, AtomicBoolean over) {
        while (!over.get()) {
            thread.interrupt();
            try {
                Thread.sleep(1);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    static Stream<Supplier<Runner>> runners() {
        Stream<Supplier<Runner>> always = Stream.of(() -> ThreadRunner.of(4), AsyncRunner::of);
        return Runtime.version().feature() >= 21 ? Stream.concat(always, Stream.of(ThreadRunner::virtual)) : always;
    }

    @ParameterizedTest
    @EnumSource
    void bodiesAreInterruptedOnceAndFinishTheirCleanUp(Interrupt when) throws Exception {
        for (Supplier<Runner> make : runners().toList()) {
            Runner runner = make.get();
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch cleanedUp = new CountDownLatch(1);
            AtomicInteger interrupts = new AtomicInteger();
            TaskFuture<Boolean> task = runner.submit(() -> {
                try {
                    begun.countDown();
                    return new CountDownLatch(1).await(2 * LONG, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    interrupts.incrementAndGet();
                    try {
                        Thread.sleep(300);
                        cleanedUp.countDown();
                    } catch (InterruptedException twice) {
                        interrupts.incrementAndGet();
                    }
                    throw e;
                }
            });
            assertTrue(begun.await(LONG, TimeUnit.SECONDS));
            boolean kept = closeInterrupted(runner, when);
            assertEquals(0, cleanedUp.getCount(), runner + " was closed before its body had cleaned up");
            assertEquals(1, interrupts.get(), runner::toString);
            assertTrue(kept, runner::toString);
            assertThrows(CancellationException.class, task::get);
        }
    }

    /** The body's clean-up takes longer than the runner waits. */
    @Test
    void aBodyThatIsGivenUpIsNotInterruptedAgain() throws Exception {
        for (boolean virtual : new boolean[] {false, Runtime.version().feature() >= 21}) {
            ThreadRunner.Builder builder = ThreadRunner.builder().closeTimeout(Duration.ofMillis(100));
            Runner runner = (virtual ? builder.virtual() : builder.maxConcurrency(1)).build();
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch closed = new CountDownLatch(1);
            CompletableFuture<Integer> interrupts = new CompletableFuture<>();
            TaskFuture<Boolean> task = runner.submit(() -> {
                int count = 0;
                begun.countDown();
                while (closed.getCount() > 0) {
                    try {
                        boolean ignored = closed.await(LONG, TimeUnit.SECONDS);
                    } catch (InterruptedException e) {
                        count++;
                    }
                }
                return interrupts.complete(Thread.interrupted() ? count + 1 : count);
            });
            assertTrue(begun.await(LONG, TimeUnit.SECONDS));
            runner.close();
            closed.countDown();
            assertEquals(1, interrupts.get(LONG, TimeUnit.SECONDS));
            assertThrows(CancellationException.class, task::get);
        }
    }

    @ParameterizedTest
    @EnumSource
    void chainsOfAnEventLoopHaveTheirEnds(Interrupt when) throws Exception {
        int chains = 300;
        Runner runner = AsyncRunner.of();
        CountDownLatch begun = new CountDownLatch(chains);
        AtomicInteger ends = new AtomicInteger();
        List<TaskFuture<Integer>> tasks = new ArrayList<>();
        for (int i = 0; i < chains; i++) {
            tasks.add(runner.submit(Task.async(() -> {
                begun.countDown();
                return AsyncRunner.delay(Duration.ofMinutes(1)).handle((nothing, failure) -> ends.incrementAndGet());
            })));
        }
        assertTrue(begun.await(LONG, TimeUnit.SECONDS));
        assertTrue(closeInterrupted(runner, when));
        assertEquals(chains, ends.get());
        assertTrue(tasks.stream().allMatch(TaskFuture::isDone));
    }

    /** Two threads close; the second, which only waits for the first, is interrupted. */
    @Test
    void theSecondToCloseCancelsAndWaitsToo() throws Exception {
        Runner runner = ThreadRunner.of(1);
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch cleanedUp = new CountDownLatch(1);
        TaskFuture<Boolean> task = runner.submit(() -> {
            begun.countDown();
            try {
                return new CountDownLatch(1).await(2 * LONG, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.sleep(300);
                cleanedUp.countDown();
                throw e;
            }
        });
        assertTrue(begun.await(LONG, TimeUnit.SECONDS));
        FutureTask<Boolean> first = new FutureTask<>(() -> {
            runner.close();
            return Thread.interrupted();
        });
        Thread thread = new Thread(first, "first");
        thread.start();
        awaitWaiting(thread);
        assertTrue(closeInterrupted(runner, Interrupt.BEFORE));
        assertEquals(0, cleanedUp.getCount());
        assertFalse(first.get(LONG, TimeUnit.SECONDS), "nobody has interrupted the first");
        assertThrows(CancellationException.class, task::get);
    }

    @Test
    void nothingIsBegunOnTheThreadOfAnInterruptedCloser() throws Exception {
        Runner runner = SequentialRunner.of();
        List<Integer> ran = new ArrayList<>();
        var outcomes = runner.mapOutcomes(List.of(1, 2, 3), ran::add);
        var iterator = outcomes.iterator();
        assertTrue(iterator.hasNext());
        iterator.next();
        int before = ran.size();
        assertTrue(closeInterrupted(runner, Interrupt.BEFORE));
        assertEquals(before, ran.size());
    }

    @ParameterizedTest
    @EnumSource
    void aWorkersBodyHasItsGrace(Interrupt when, @TempDir Path folder) throws Exception {
        String begun = folder.resolve("begun").toString();
        String cleanedUp = folder.resolve("cleaned-up").toString();
        Runner runner = patientWorker();
        TaskFuture<Boolean> task = runner.submit(() -> {
            touch(begun);
            try {
                return new CountDownLatch(1).await(2 * LONG, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.sleep(300);
                touch(cleanedUp);
                throw e;
            }
        });
        assertTrue(ProcessBlameTest.waitFor(begun));
        assertTrue(closeInterrupted(runner, when));
        assertTrue(Files.exists(Path.of(cleanedUp)));
        assertThrows(CancellationException.class, task::get);
    }

    /** An interrupt during the release of the processes does not kill those that are about to exit. */
    @ParameterizedTest
    @EnumSource
    void anIdleWorkerExitsInOrder(Interrupt when, @TempDir Path folder) throws Exception {
        String hook = folder.resolve("hook").toString();
        Runner runner = patientWorker();
        assertTrue(runner.submit(() -> {
                    Runtime.getRuntime().addShutdownHook(new Thread(() -> touchLate(hook)));
                    return true;
                })
                .get());
        assertTrue(closeInterrupted(runner, when) || when == Interrupt.MEANWHILE);
        assertTrue(Files.exists(Path.of(hook)));
    }

    private static void touchLate(String file) {
        try {
            Thread.sleep(200);
            touch(file);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void touch(String file) throws IOException {
        Files.createFile(Path.of(file));
    }

    @Test
    void aBackendThatWasInterruptedIsClosedAgainWithTheTimeThatIsLeft() throws Exception {
        List<Duration> given = new ArrayList<>();
        ExecutionBackend backend = new ExecutionBackend() {
            @Override
            public Set<Capability> capabilities() {
                return Set.of();
            }

            @Override
            public int maxConcurrency() {
                return 1;
            }

            @Override
            public <I, R> Session<I, R> open(TaskFunction<I, R> function, BatchSpec spec) {
                throw new UnsupportedOperationException();
            }

            @Override
            public boolean close(Duration atMost) throws InterruptedException {
                given.add(atMost);
                if (given.size() < 3) {
                    Thread.sleep(2);
                    throw new InterruptedException();
                }
                return true;
            }
        };
        assertTrue(closeInterrupted(new BackendRunner("stub", backend, Duration.ofSeconds(LONG)), Interrupt.MEANWHILE));
        assertEquals(3, given.size());
        assertTrue(given.get(2).compareTo(given.get(0)) < 0, given::toString);
    }

    @Test
    void aBodyInsideAnotherRunnersBodyCannotCloseItsOuterRunner() throws Exception {
        try (Runner outer = ThreadRunner.of(1);
                Runner inner = SequentialRunner.of()) {
            assertTrue(outer.submit(() -> inner.submit(() -> {
                                assertThrows(IllegalStateException.class, outer::close);
                                return true;
                            })
                            .get())
                    .get(LONG, TimeUnit.SECONDS));
        }
    }

    /** Returns a runner with a long grace, since on a busy machine a body may be slow to end. */
    private static Runner patientWorker() {
        return ProcessRunner.builder()
                .workers(1)
                .grace(Duration.ofSeconds(LONG))
                .build();
    }
}
