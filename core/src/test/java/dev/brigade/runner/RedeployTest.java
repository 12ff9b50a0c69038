package dev.brigade.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.brigade.Outcome;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.Task;
import dev.brigade.TaskFunction;
import java.io.File;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that an application in a class loader of its own, with this library in it, can be collected once it is dropped. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RedeployTest {
    private static final long GONE_WITHIN_SECONDS = 60;

    @ParameterizedTest
    @ValueSource(strings = {"sequential", "threads", "virtual", "async", "processes"})
    void anApplicationThatClosedItsRunnerCanBeCollected(String kind) throws Exception {
        assumeTrue(!kind.equals("virtual") || Runtime.version().feature() >= 21);
        assertIsCollected(deploy(kind, true));
    }

    @ParameterizedTest
    @ValueSource(strings = {"sequential", "async", "processes"})
    void anApplicationThatDroppedItsRunnerCanBeCollected(String kind) throws Exception {
        assertIsCollected(deploy(kind, false));
    }

    @Test
    void theThreadForAbandonedPoolsEndsWithTheLastOne() throws Exception {
        Object first = new Object();
        AbandonedRunnerCleaner other = AbandonedRunnerCleaner.watch(first, () -> {});
        other.forget();
        other.forget();
        assertNothingIsWatched();
    }

    @Test
    void theThreadForAbandonedPoolsInheritsNothing() throws Exception {
        assertNothingIsWatched();
        InheritableThreadLocal<String> inherited = new InheritableThreadLocal<>();
        inherited.set("of whoever made the first pool");
        CompletableFuture<Optional<String>> seen = new CompletableFuture<>();
        drop(() -> seen.complete(Optional.ofNullable(inherited.get())), null);
        assertEquals(Optional.empty(), collected(seen));
        inherited.remove();
    }

    /** The pool that is being made must neither fail nor leak for want of that thread. */
    @Test
    void whereThereWasNoThreadForAbandonedPoolsTheNextOneGetsIt() throws Exception {
        assertNothingIsWatched();
        CompletableFuture<Optional<String>> first = new CompletableFuture<>();
        CompletableFuture<Optional<String>> second = new CompletableFuture<>();
        drop(() -> first.complete(Optional.empty()), run -> {
            throw new OutOfMemoryError("unable to create native thread, on purpose");
        });
        drop(() -> second.complete(Optional.empty()), null);
        assertEquals(Optional.empty(), collected(first));
        assertEquals(Optional.empty(), collected(second));
        assertNothingIsWatched();
    }

    /** Makes the cleaner watch an object that is unreachable. */
    private static void drop(Runnable cleanUp, ThreadFactory threads) {
        Object runner = new Object();
        try {
            assertNotNull(
                    threads == null
                            ? AbandonedRunnerCleaner.watch(runner, cleanUp)
                            : AbandonedRunnerCleaner.watch(runner, cleanUp, threads));
        } finally {
            Reference.reachabilityFence(runner);
        }
    }

    private static Optional<String> collected(CompletableFuture<Optional<String>> seen) throws Exception {
        long untilNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(GONE_WITHIN_SECONDS);
        while (!seen.isDone() && System.nanoTime() < untilNanos) {
            System.gc();
            TimeUnit.MILLISECONDS.sleep(20);
        }
        return seen.get(1, TimeUnit.SECONDS);
    }

    private static void assertNothingIsWatched() throws InterruptedException {
        long untilNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(GONE_WITHIN_SECONDS);
        while (isWatched() && System.nanoTime() < untilNanos) {
            System.gc(); // runners of other tests, perhaps
            TimeUnit.MILLISECONDS.sleep(20);
        }
        assertEquals(false, isWatched());
    }

    private static boolean isWatched() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("brigade-cleaner"));
    }

    private static WeakReference<ClassLoader> deploy(String kind, boolean close) throws Exception {
        Thread self = Thread.currentThread();
        ClassLoader own = self.getContextClassLoader();
        // The loader stays open, since the clean-up after a dropped runner may need classes that have not been loaded.
        URLClassLoader loader = new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader());
        try {
            self.setContextClassLoader(loader);
            Class<?> application = Class.forName(Application.class.getName(), true, loader);
            assertNotSame(Application.class, application);
            Method use = application.getDeclaredMethod("use", String.class, boolean.class);
            use.setAccessible(true);
            assertEquals(6, use.invoke(null, kind, close));
            return new WeakReference<>(loader);
        } finally {
            self.setContextClassLoader(own);
        }
    }

    private static URL[] classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(RedeployTest::url)
                .toArray(URL[]::new);
    }

    private static URL url(String entry) {
        try {
            return Path.of(entry).toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void assertIsCollected(WeakReference<ClassLoader> loader) throws InterruptedException {
        long untilNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(GONE_WITHIN_SECONDS);
        while (loader.get() != null && System.nanoTime() < untilNanos) {
            System.gc();
            TimeUnit.MILLISECONDS.sleep(50);
        }
        assertNull(loader.get(), "the application's class loader");
    }

    /** The application that is deployed. */
    static final class Application {
        private Application() {}

        static int use(String kind, boolean close) throws Exception {
            Runner runner = make(kind);
            int sum = sumOf(runner);
            if (close) {
                runner.close();
            }
            return sum;
        }

        private static Runner make(String kind) {
            return switch (kind) {
                case "sequential" -> SequentialRunner.of();
                case "threads" -> ThreadRunner.of(2);
                case "virtual" -> ThreadRunner.virtual();
                case "async" -> AsyncRunner.of();
                default -> ProcessRunner.of(1);
            };
        }

        private static int sumOf(Runner runner) throws Exception {
            RunOptions limited = RunOptions.builder()
                    .timeout(Duration.ofMinutes(1))
                    .taskTimeout(Duration.ofMinutes(1))
                    .build();
            int sum = 0;
            for (int one : runner.map(List.of(1, 2), n -> n, limited)) {
                sum += one;
            }
            sum += runner.submit(() -> 1, limited).get();
            TaskFunction<Integer, Integer> later = TaskFunction.async(
                    n -> AsyncRunner.delay(Duration.ofMillis(1)).thenApply(nothing -> n));
            for (Outcome<Integer, Integer> one : runner.mapOutcomes(List.of(2), later)) {
                sum += one.get();
            }
            Task<Integer> fails = () -> {
                throw new IllegalStateException("on purpose");
            };
            try {
                return runner.submit(fails).get();
            } catch (ExecutionException e) {
                return sum;
            }
        }
    }
}
