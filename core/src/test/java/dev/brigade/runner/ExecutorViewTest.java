package dev.brigade.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Runner;
import dev.brigade.Task;
import dev.brigade.TaskContext;
import dev.brigade.TaskFuture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that a runner's executor service behaves like the JDK's pools, and that no wait in it hangs. */
@Timeout(60)
class ExecutorViewTest {
    private static final int LONG = 20;

    private static <T> T soon(Future<T> future) throws Exception {
        return future.get(LONG, TimeUnit.SECONDS);
    }

    private static void await(CountDownLatch latch) throws InterruptedException {
        assertTrue(latch.await(LONG, TimeUnit.SECONDS), "not in " + LONG + " s");
    }

    /** Waits, and ignores interrupts. */
    private static void awaitUninterruptibly(CountDownLatch latch) {
        boolean open = false;
        while (!open) {
            try {
                open = latch.await(2 * LONG, TimeUnit.SECONDS);
            } catch (InterruptedException ignored) {
                // waits on
            }
        }
    }

    // ---- cancelling

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aCancelReleasesWhoWaitsThoughTheBodyGoesOn(boolean mayInterrupt) throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        try (Runner runner = ThreadRunner.of(1)) {
            ExecutorService view = runner.asExecutorService();
            Future<?> future = view.submit(() -> {
                begun.countDown();
                awaitUninterruptibly(release);
            });
            FutureTask<Object> waiter = new FutureTask<>(future::get);
            new Thread(waiter, "waiter").start();
            await(begun);
            assertTrue(future.cancel(mayInterrupt));
            assertTrue(future.isDone());
            ExecutionException told = assertThrows(ExecutionException.class, () -> soon(waiter));
            assertInstanceOf(CancellationException.class, told.getCause());
            assertThrows(CancellationException.class, future::get);
            Future<Integer> next = view.submit(() -> 1);
            view.shutdown();
            assertFalse(view.isTerminated(), "the body goes on");
            assertThrows(TimeoutException.class, () -> next.get(50, TimeUnit.MILLISECONDS), "and keeps its place");
            release.countDown();
            assertEquals(1, soon(next));
            assertTrue(view.awaitTermination(LONG, TimeUnit.SECONDS));
        } finally {
            release.countDown();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aCancelTellsTheBodyAndInterruptsItOnlyWhereAsked(boolean mayInterrupt) throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch cancelled = new CountDownLatch(1);
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        try (Runner runner = ThreadRunner.of(1)) {
            Future<?> future = runner.asExecutorService().submit(() -> {
                TaskContext.current().onCancel(cancelled::countDown);
                begun.countDown();
                try {
                    await(cancelled);
                    Thread.sleep(mayInterrupt ? TimeUnit.SECONDS.toMillis(LONG) : 1);
                    interrupted.complete(false);
                } catch (InterruptedException e) {
                    interrupted.complete(true);
                }
                return TaskContext.current().isCancelled();
            });
            await(begun);
            assertTrue(future.cancel(mayInterrupt));
            assertEquals(mayInterrupt, soon(interrupted));
        }
    }

    @Test
    void aCancelledCommandThatHasNotBegunNeverRuns() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger ran = new AtomicInteger();
        try (Runner runner = ThreadRunner.of(1)) {
            ExecutorService view = runner.asExecutorService();
            Future<?> first = view.submit(() -> {
                begun.countDown();
                awaitUninterruptibly(release);
            });
            await(begun);
            Future<Integer> queued = view.submit(ran::incrementAndGet);
            assertTrue(queued.cancel(false));
            assertThrows(CancellationException.class, queued::get);
            release.countDown();
            soon(first);
            view.shutdown();
            assertTrue(view.awaitTermination(LONG, TimeUnit.SECONDS));
            assertEquals(0, ran.get());
        }
    }

    @Test
    void aCancelReachesACommandThatACompletionServiceHasWrapped() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        try (Runner runner = ThreadRunner.of(1)) {
            ExecutorCompletionService<Integer> service = new ExecutorCompletionService<>(runner.asExecutorService());
            Future<Integer> future = service.submit(() -> {
                begun.countDown();
                try {
                    return never() ? 1 : 0;
                } catch (InterruptedException e) {
                    interrupted.countDown();
                    throw e;
                }
            });
            await(begun);
            assertTrue(future.cancel(true));
            await(interrupted);
            Future<Integer> taken = service.poll(LONG, TimeUnit.SECONDS);
            assertEquals(future, taken, "as the JDK's pools do, the service gives what was cancelled");
        }
    }

    private static boolean never() throws InterruptedException {
        return new CountDownLatch(1).await(2 * LONG, TimeUnit.SECONDS);
    }

    @Test
    void whatShutdownNowReturnsMayBeRunElsewhere() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        try (Runner runner = ThreadRunner.of(1)) {
            ExecutorService view = runner.asExecutorService();
            Future<?> running = view.submit(() -> {
                begun.countDown();
                return never();
            });
            await(begun);
            Future<Integer> queued = view.submit(() -> 7);
            List<Runnable> left = view.shutdownNow();
            assertEquals(1, left.size());
            assertFalse(queued.isDone(), "as with the JDK's pools");
            left.forEach(Runnable::run);
            assertEquals(7, soon(queued));
            assertThrows(ExecutionException.class, () -> soon(running));
            assertTrue(view.awaitTermination(LONG, TimeUnit.SECONDS));
        }
    }

    @Test
    void whatShutdownNowReturnsWasNotRejectedToo() throws Exception {
        try (Runner runner = ThreadRunner.of(2)) {
            for (int round = 0; round < 300; round++) {
                ExecutorService view = runner.asExecutorService();
                CountDownLatch go = new CountDownLatch(1);
                FutureTask<List<Runnable>> returned = new FutureTask<>(() -> {
                    await(go);
                    return view.shutdownNow();
                });
                new Thread(returned).start();
                Runnable rejected = firstRejected(view, go);
                assertFalse(soon(returned).contains(rejected), "in round " + round);
            }
        }
    }

    /** Opens the latch, executes many commands, and returns the first that is rejected. */
    private static Runnable firstRejected(ExecutorService view, CountDownLatch go) {
        go.countDown();
        while (true) {
            Runnable command = new Runnable() {
                @Override
                public void run() {}
            };
            try {
                view.execute(command);
            } catch (RejectedExecutionException e) {
                assertNull(e.getCause());
                return command;
            }
        }
    }

    @Test
    void noCommandRunsWhenTheViewIsTerminated() throws Exception {
        for (int round = 0; round < 300; round++) {
            AtomicInteger running = new AtomicInteger();
            Runner runner = ThreadRunner.of(2);
            ExecutorService view = runner.asExecutorService();
            CountDownLatch go = new CountDownLatch(1);
            Thread closer = new Thread(() -> {
                awaitUninterruptibly(go);
                runner.closeNow();
            });
            closer.start();
            go.countDown();
            executeUntilRejected(view, running);
            view.shutdown();
            while (!view.isTerminated()) {
                Thread.onSpinWait(); // sees the end sooner than a woken thread; the test's time-out is the bound
            }
            assertEquals(0, running.get(), "in round " + round);
            closer.join();
        }
    }

    private static void executeUntilRejected(ExecutorService view, AtomicInteger running) {
        try {
            while (true) {
                view.execute(() -> {
                    running.incrementAndGet();
                    long startNanos = System.nanoTime();
                    while (System.nanoTime() - startNanos < 200_000) {
                        Thread.onSpinWait(); // it ignores interrupts
                    }
                    running.decrementAndGet();
                });
            }
        } catch (RejectedExecutionException closed) {
            // as expected
        }
    }

    // ---- waiting inside a body, if no other thread can run the awaited task

    private record Wait(String name, Function<ExecutorService, Callable<Integer>> how) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Callable<Integer> sleeps(int value) {
        return () -> {
            Thread.sleep(1);
            return value;
        };
    }

    private static int sum(List<Future<Integer>> futures) throws Exception {
        int sum = 0;
        for (Future<Integer> future : futures) {
            sum += future.get();
        }
        return sum;
    }

    private static int taken(ExecutorCompletionService<Integer> service, boolean polls) throws Exception {
        List<Future<Integer>> futures = new ArrayList<>();
        service.submit(sleeps(3));
        service.submit(sleeps(4));
        for (int i = 0; i < 2; i++) {
            futures.add(polls ? service.poll(LONG, TimeUnit.SECONDS) : service.take());
        }
        return sum(futures);
    }

    private static int terminated(ExecutorService view) throws Exception {
        AtomicInteger sum = new AtomicInteger();
        view.execute(() -> sum.addAndGet(3));
        view.execute(() -> sum.addAndGet(4));
        view.shutdown();
        assertTrue(view.awaitTermination(LONG, TimeUnit.SECONDS));
        return sum.get();
    }

    static Stream<Wait> waits() {
        return Stream.of(
                new Wait("get", view -> () -> view.submit(sleeps(7)).get()),
                new Wait("get in time", view -> () -> view.submit(sleeps(7)).get(LONG, TimeUnit.SECONDS)),
                new Wait("invokeAll", view -> () -> sum(view.invokeAll(List.of(sleeps(3), sleeps(4))))),
                new Wait(
                        "invokeAll in time",
                        view -> () -> sum(view.invokeAll(List.of(sleeps(3), sleeps(4)), LONG, TimeUnit.SECONDS))),
                new Wait("invokeAny", view -> () -> view.invokeAny(List.of(sleeps(7), sleeps(7)))),
                new Wait(
                        "invokeAny in time",
                        view -> () -> view.invokeAny(List.of(sleeps(7), sleeps(7)), LONG, TimeUnit.SECONDS)),
                new Wait("invokeAny after a failure", view -> () -> view.invokeAny(List.of(fails(), sleeps(7)))),
                new Wait("take", view -> () -> taken(new ExecutorCompletionService<>(view), false)),
                new Wait("poll", view -> () -> taken(new ExecutorCompletionService<>(view), true)),
                new Wait("awaitTermination", view -> () -> terminated(view)),
                new Wait(
                        "two deep",
                        view -> () -> sum(view.invokeAll(List.of(() -> view.invokeAny(List.of(taker(view))))))));
    }

    private static Callable<Integer> taker(ExecutorService view) {
        return () -> taken(new ExecutorCompletionService<>(view), false);
    }

    private static Callable<Integer> fails() {
        return () -> {
            throw new IllegalStateException("mine");
        };
    }

    @ParameterizedTest
    @MethodSource("waits")
    void aBodyThatWaitsAtALimitOfOneRunsWhatItWaitsFor(Wait wait) throws Exception {
        try (Runner runner = ThreadRunner.of(1)) {
            Callable<Integer> nested = wait.how().apply(runner.asExecutorService());
            assertEquals(7, soon(runner.submit(nested::call)));
        }
    }

    @ParameterizedTest
    @MethodSource("waits")
    void bodiesThatFillALimitOfTwoRunWhatTheyWaitFor(Wait wait) throws Exception {
        try (Runner runner = ThreadRunner.of(2)) {
            List<TaskFuture<Integer>> all = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                Callable<Integer> nested = wait.how().apply(runner.asExecutorService());
                all.add(runner.submit(nested::call));
            }
            for (TaskFuture<Integer> one : all) {
                assertEquals(7, soon(one));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("waits")
    void aBodyThatWaitsRunsWhatWaitsForItsThreadOfAUsersExecutor(Wait wait) throws Exception {
        ExecutorService one = Executors.newSingleThreadExecutor();
        try (Runner runner = ThreadRunner.over(one, 2)) {
            Callable<Integer> nested = wait.how().apply(runner.asExecutorService());
            assertEquals(7, soon(runner.submit(nested::call)));
        } finally {
            one.shutdownNow();
        }
    }

    @ParameterizedTest
    @MethodSource("waits")
    void aBodyOnItsCallersThreadWaitsToo(Wait wait) throws Exception {
        try (Runner runner = SequentialRunner.of()) {
            Callable<Integer> nested = wait.how().apply(runner.asExecutorService());
            assertEquals(7, soon(runner.submit(nested::call)));
            assertEquals(7, wait.how().apply(runner.asExecutorService()).call());
        }
    }

    @ParameterizedTest
    @MethodSource("waits")
    void aBodyInsideAnotherRunnersBodyOnItsThreadRunsWhatItWaitsFor(Wait wait) throws Exception {
        try (Runner runner = ThreadRunner.of(1);
                Runner between = SequentialRunner.of()) {
            Callable<Integer> nested = wait.how().apply(runner.asExecutorService());
            assertEquals(
                    7, soon(runner.submit(() -> between.submit(nested::call).get())));
        }
    }

    private static int terminatedAtOnce(Runner runner) throws Exception {
        ExecutorService view = runner.asExecutorService();
        view.execute(() -> {});
        view.shutdown();
        return view.awaitTermination(LONG, TimeUnit.SECONDS) ? 1 : 0;
    }

    static Stream<Arguments> waitsAtOnce() {
        Function<Runner, Callable<Integer>> any =
                r -> () -> r.asExecutorService().invokeAny(List.of(() -> 1));
        Function<Runner, Callable<Integer>> end = r -> () -> terminatedAtOnce(r);
        Function<Runner, Callable<Integer>> get =
                r -> () -> r.asExecutorService().submit(() -> 1).get();
        Function<Runner, Callable<Integer>> take = r -> () -> {
            ExecutorCompletionService<Integer> service = new ExecutorCompletionService<>(r.asExecutorService());
            service.submit(() -> 1);
            return service.take().get();
        };
        return Stream.of(
                Arguments.of(Named.of("get", get)),
                Arguments.of(Named.of("take", take)),
                Arguments.of(Named.of("invokeAny", any)),
                Arguments.of(Named.of("awaitTermination", end)));
    }

    @ParameterizedTest
    @MethodSource("waitsAtOnce")
    void aBodyIsWokenForACommandThatAnotherThreadWasJustStarting(Function<Runner, Callable<Integer>> wait)
            throws Exception {
        int rounds = 20_000;
        ExecutorService one = Executors.newSingleThreadExecutor();
        ExecutorService strangers = Executors.newFixedThreadPool(2);
        AtomicBoolean over = new AtomicBoolean();
        try {
            Runner runner = ThreadRunner.over(one, 8);
            for (int i = 0; i < 2; i++) {
                strangers.execute(() -> submitUntil(over, runner));
            }
            Callable<Integer> nested = wait.apply(runner);
            for (int i = 0; i < rounds; i++) {
                assertEquals(1, soon(runner.submit(nested::call)), "in round " + i);
            }
        } finally {
            over.set(true);
            strangers.shutdownNow();
            one.shutdownNow();
        }
    }

    private static void submitUntil(AtomicBoolean over, Runner runner) {
        try {
            while (!over.get()) {
                List<TaskFuture<Integer>> some = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    some.add(runner.submit(() -> 1));
                }
                for (TaskFuture<Integer> one : some) {
                    soon(one);
                }
            }
        } catch (Exception ignored) {
            // the test is over
        }
    }

    @Test
    void aBodyRunsTheFutureThatACompletionServiceMadeOutside() throws Exception {
        CountDownLatch made = new CountDownLatch(1);
        AtomicReference<Future<Integer>> future = new AtomicReference<>();
        try (Runner runner = ThreadRunner.of(1)) {
            ExecutorService view = runner.asExecutorService();
            Future<Integer> body = view.submit(() -> {
                await(made);
                return future.get().get();
            });
            ExecutorCompletionService<Integer> service = new ExecutorCompletionService<>(view);
            future.set(service.submit(() -> 7));
            made.countDown();
            assertEquals(7, soon(body));
            assertEquals(future.get(), service.poll(LONG, TimeUnit.SECONDS));
        }
    }

    @Test
    void aClosedRunnerCancelsACompletionServicesFuture() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        Runner runner = ThreadRunner.of(1);
        try {
            TaskFuture<Boolean> holding = runner.submit(() -> {
                begun.countDown();
                return never();
            });
            await(begun);
            ExecutorCompletionService<Integer> service = new ExecutorCompletionService<>(runner.asExecutorService());
            Future<Integer> future = service.submit(() -> 7);
            runner.closeNow();
            assertThrows(CancellationException.class, () -> soon(holding));
            assertThrows(CancellationException.class, () -> soon(future));
            assertEquals(future, service.poll(LONG, TimeUnit.SECONDS));
        } finally {
            runner.closeNow();
        }
    }

    @Test
    void oneThatOutlastsItsTimeIsInterruptedThoughItRunsOnTheWaitersThread() throws Exception {
        try (Runner runner = ThreadRunner.of(1)) {
            ExecutorService view = runner.asExecutorService();
            List<Boolean> cancelled = soon(runner.submit(() -> {
                List<Callable<Boolean>> tasks = List.of(ExecutorViewTest::never, ExecutorViewTest::never);
                List<Future<Boolean>> futures = view.invokeAll(tasks, 50, TimeUnit.MILLISECONDS);
                assertThrows(TimeoutException.class, () -> view.invokeAny(tasks, 50, TimeUnit.MILLISECONDS));
                assertFalse(Thread.currentThread().isInterrupted(), "the interrupt was the nested ones'");
                return futures.stream().map(Future::isCancelled).toList();
            }));
            assertEquals(List.of(true, true), cancelled);
        }
    }

    @Test
    void aTimedWaitOfNoTimeRunsNothing() throws Exception {
        AtomicInteger ran = new AtomicInteger();
        try (Runner runner = ThreadRunner.of(1)) {
            ExecutorService view = runner.asExecutorService();
            soon(runner.submit(() -> {
                Future<Integer> one = view.submit(ran::incrementAndGet);
                TaskFuture<Integer> two = runner.submit(ran::incrementAndGet);
                for (Future<Integer> future : Arrays.asList(one, two, two.toCompletableFuture())) {
                    assertThrows(TimeoutException.class, () -> future.get(0, TimeUnit.SECONDS));
                    assertThrows(TimeoutException.class, () -> future.get(Long.MIN_VALUE, TimeUnit.NANOSECONDS));
                }
                assertEquals(0, ran.get());
                return one.get() + two.get();
            }));
            assertEquals(2, ran.get());
        }
    }

    @Test
    void anInterruptedBodyRunsNothingWhereItWouldWait() throws Exception {
        AtomicInteger ran = new AtomicInteger();
        try (Runner runner = ThreadRunner.of(1)) {
            ExecutorService view = runner.asExecutorService();
            soon(runner.submit(() -> {
                for (Future<Integer> future : List.of(
                        view.submit(ran::incrementAndGet),
                        runner.submit(ran::incrementAndGet),
                        runner.submit(ran::incrementAndGet).toCompletableFuture())) {
                    Thread.currentThread().interrupt();
                    assertThrows(InterruptedException.class, future::get);
                    assertFalse(Thread.currentThread().isInterrupted());
                }
                return ran.get();
            }));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void aBodyWaitsForACompletableFutureOfANestedTask(int how) throws Exception {
        try (Runner runner = ThreadRunner.of(1)) {
            assertEquals(7, soon(runner.submit(() -> {
                CompletableFuture<Integer> nested = runner.submit(() -> 7).toCompletableFuture();
                return switch (how) {
                    case 0 -> nested.get();
                    case 1 -> nested.get(LONG, TimeUnit.SECONDS);
                    case 2 -> nested.join();
                    default -> nested.thenApply(n -> n).join();
                };
            })));
        }
    }

    @Test
    void anAsynchronousBodyMayReturnTheStageOfANestedTask() throws Exception {
        try (Runner runner = ThreadRunner.of(1)) {
            assertEquals(
                    7,
                    soon(runner.submit(Task.async(() -> runner.submit(() -> 7).toCompletableFuture()))));
        }
    }

    @Test
    void aCompletionServicesCommandsThatBringTheNextRunIntoNoDeepStack() throws Exception {
        int links = 20_000;
        try (Runner runner = ThreadRunner.of(1)) {
            ExecutorCompletionService<Integer> service = new ExecutorCompletionService<>(runner.asExecutorService());
            class Link implements Callable<Integer> {
                private final int left;

                Link(int left) {
                    this.left = left;
                }

                @Override
                public Integer call() {
                    if (left > 0) {
                        service.submit(new Link(left - 1));
                    }
                    return 1;
                }
            }
            service.submit(new Link(links - 1));
            for (int i = 0; i < links; i++) {
                assertEquals(1, service.poll(LONG, TimeUnit.SECONDS).get());
            }
        }
    }

    @Test
    void aCommandCannotWaitForItsOwnViewsEnd() throws Exception {
        try (Runner runner = ThreadRunner.of(2)) {
            ExecutorService view = runner.asExecutorService();
            Future<Boolean> bounded = view.submit(() -> {
                view.shutdown();
                return view.awaitTermination(10, TimeUnit.MILLISECONDS);
            });
            assertFalse(soon(bounded));
            assertTrue(view.awaitTermination(LONG, TimeUnit.SECONDS));
        }
    }

    @Test
    void aCommandThatClosesItsOwnViewIsRefused() throws Exception {
        if (Runtime.version().feature() < 19) {
            return; // executor services cannot be closed there
        }
        try (Runner runner = ThreadRunner.of(1)) {
            ExecutorService view = runner.asExecutorService();
            Callable<Object> close =
                    () -> ExecutorService.class.getMethod("close").invoke(view);
            ExecutionException told = assertThrows(ExecutionException.class, () -> soon(view.submit(close)));
            assertInstanceOf(IllegalStateException.class, told.getCause().getCause());
            ExecutionException nested = assertThrows(
                    ExecutionException.class,
                    () -> soon(view.submit(() -> runner.submit(close::call).get())));
            assertInstanceOf(
                    IllegalStateException.class, nested.getCause().getCause().getCause());
            assertEquals(7, soon(view.submit(() -> 7)), "it is still open");
            close.call();
            assertTrue(view.isTerminated());
        }
    }

    // ---- waiting on the event loop

    static Stream<Wait> waitsOfAllKinds() {
        return Stream.concat(
                waits().filter(wait -> !List.of("take", "poll", "two deep").contains(wait.name())),
                Stream.<Wait>of(new Wait(
                        "get of what is not accepted",
                        view -> () -> new ExecutorCompletionService<Integer>(view)
                                .submit(sleeps(7))
                                .get())));
    }

    @ParameterizedTest
    @MethodSource("waitsOfAllKinds")
    void noWaitThroughTheViewBlocksTheEventLoop(Wait wait) throws Exception {
        try (Runner runner = AsyncRunner.of()) {
            Callable<Integer> nested = wait.how().apply(runner.asExecutorService());
            ExecutionException told = assertThrows(ExecutionException.class, () -> soon(runner.submit(nested::call)));
            assertInstanceOf(IllegalStateException.class, told.getCause());
        }
    }

    private record Road(String name, Function<Runner, Callable<Object>> how) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Road> roads() {
        return Stream.of(
                new Road("get", runner -> () -> runner.submit(() -> 1).get()),
                new Road("get in time", runner -> () -> runner.submit(() -> 1).get(LONG, TimeUnit.SECONDS)),
                new Road("await", runner -> () -> runner.submit(() -> 1).awaitOutcome()),
                new Road(
                        "get of a CompletableFuture",
                        runner -> () ->
                                runner.submit(() -> 1).toCompletableFuture().get()),
                new Road(
                        "get of a CompletableFuture in time",
                        runner -> () ->
                                runner.submit(() -> 1).toCompletableFuture().get(LONG, TimeUnit.SECONDS)),
                new Road(
                        "join",
                        runner -> () ->
                                runner.submit(() -> 1).toCompletableFuture().join()),
                new Road(
                        "join of a dependent",
                        runner -> () -> runner.submit(() -> 1)
                                .toCompletableFuture()
                                .thenApply(n -> n)
                                .join()),
                new Road("map", runner -> () -> runner.map(List.of(1), n -> n)),
                new Road(
                        "mapOutcomes",
                        runner -> () -> runner.mapOutcomes(List.of(1), n -> n)
                                .iterator()
                                .next()),
                new Road("invokeAny", runner -> () -> runner.<Integer>invokeAny(List.of(() -> 1))));
    }

    @ParameterizedTest
    @MethodSource("roads")
    void noWaitBlocksTheEventLoop(Road road) throws Exception {
        try (Runner runner = AsyncRunner.of()) {
            Callable<Object> nested = road.how().apply(runner);
            ExecutionException told = assertThrows(ExecutionException.class, () -> soon(runner.submit(nested::call)));
            assertInstanceOf(IllegalStateException.class, told.getCause());
            assertEquals(1, soon(runner.submit(() -> 1)), "the loop goes on");
        }
    }

    @Test
    void aFutureThatIsDoneMayBeAskedOnTheEventLoop() throws Exception {
        try (Runner runner = AsyncRunner.of()) {
            ExecutorService view = runner.asExecutorService();
            Future<Integer> done = view.submit(() -> 7);
            TaskFuture<Integer> task = runner.submit(() -> 7);
            soon(done);
            soon(task.toCompletableFuture());
            assertEquals(
                    28,
                    soon(runner.submit(() -> done.get()
                            + done.get(1, TimeUnit.SECONDS)
                            + task.toCompletableFuture().join()
                            + task.get())));
        }
    }

    @Test
    void theTimeOfALongWaitDoesNotOverflow() throws Exception {
        try (Runner runner = ThreadRunner.of(1)) {
            ExecutorService view = runner.asExecutorService();
            assertEquals(7, view.submit(sleeps(7)).get(Long.MAX_VALUE, TimeUnit.NANOSECONDS));
            assertEquals(7, view.invokeAny(List.of(sleeps(7)), Long.MAX_VALUE, TimeUnit.DAYS));
            assertEquals(7, sum(view.invokeAll(List.of(sleeps(7)), Long.MAX_VALUE, TimeUnit.DAYS)));
            view.execute(() -> {});
            view.shutdown();
            assertTrue(view.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS));
        }
    }
}
