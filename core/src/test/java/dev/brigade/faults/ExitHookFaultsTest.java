package dev.brigade.faults;

import static dev.brigade.faults.PoolUnderTest.WAIT_SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Outcome;
import dev.brigade.Runner;
import dev.brigade.TaskFuture;
import dev.brigade.runner.ProcessRunner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests of an application's shutdown hooks that use its pools, which have a hook of their own. */
@Timeout(value = 6 * WAIT_SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ExitHookFaultsTest {
    /** So long that a close that waits for half of it exceeds a test's time-out. */
    private static final Duration CLOSE_TIMEOUT = Duration.ofMinutes(3);

    private static final int TASKS = 4;
    private static final int WORKERS = 2;

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(HookAction.class)
    void aHookMayDoWithAPoolWhatAnyThreadMay(HookAction action) throws Exception {
        new ParentJvm(directory)
                .run(HookedParent.class, action.name(), directory.resolve("go").toString());
    }

    /** The exit comes while the first worker is being started, each time a little later. */
    @Test
    void anExitSoonAfterTheFirstTaskLeavesNothing() throws Exception {
        for (int millis = 0; millis <= 200; millis += 20) {
            new ParentJvm(directory).run(HastyParent.class, String.valueOf(millis));
        }
    }

    /** By default systemd, too, signals the whole group. */
    @Test
    void aSigtermToTheWholeGroupDrainsWhereAHookDoes() throws Exception {
        new ParentJvm(directory)
                .under("setsid", "env", "--default-signal")
                .run(SignalledParent.class, directory.resolve("go").toString());
    }

    /** The action of a shutdown hook. With {@code NOTHING} and {@code NOTHING_BUSY} the hook leaves the pool to the process's end. */
    enum HookAction {
        CLOSES_IDLE,
        DRAINS,
        DRAINS_LATER,
        DRAINS_SEVERAL,
        CANCELS,
        USES,
        USES_FIRST,
        NOTHING,
        NOTHING_BUSY
    }

    /** A parent that ends by {@code System.exit(0)}, or by {@code halt(3)} when a hook's action goes wrong. */
    static final class HookedParent {
        private final List<Runner> runners = new ArrayList<>();
        private final List<TaskFuture<Integer>> futures = new ArrayList<>();
        private final String go;

        private HookedParent(String go) {
            this.go = go;
        }

        public static void main(String[] arguments) throws Exception {
            new HookedParent(arguments[1]).run(HookAction.valueOf(arguments[0]));
            System.exit(0);
        }

        private void run(HookAction action) throws Exception {
            for (int i = 0; i < (action == HookAction.DRAINS_SEVERAL ? 3 : 1); i++) {
                runners.add(ProcessRunner.builder()
                        .workers(WORKERS)
                        .closeTimeout(CLOSE_TIMEOUT)
                        .build());
            }
            if (action != HookAction.USES_FIRST) {
                for (Runner runner : runners) {
                    assertEquals(List.of(0, 1), runner.map(List.of(0, 1), n -> n));
                }
            }
            switch (action) {
                case DRAINS, DRAINS_LATER, DRAINS_SEVERAL, CANCELS, NOTHING_BUSY -> begin(false);
                default -> {} // idle
            }
            for (Runner runner : runners) {
                atExit(() -> hook(action, runner));
            }
        }

        /**
         * Submits tasks to each pool: half of them run, half are queued. If {@code tells}, each running task has a child that tells of
         * SIGTERM.
         */
        private void begin(boolean tells) throws Exception {
            for (Runner runner : runners) {
                String mine = go + "-" + runners.indexOf(runner);
                for (int i = 0; i < TASKS; i++) {
                    int n = i;
                    String file = go;
                    futures.add(runner.submit(() -> {
                        if (tells && n < WORKERS) {
                            tellOfSigterm(file + "-ready-" + n, file + "-signalled-" + n);
                        }
                        FaultActions.makeFile(mine + "-begun-" + n);
                        FaultActions.awaitFile(file);
                        return n;
                    }));
                }
                for (int i = 0; i < WORKERS; i++) {
                    FaultActions.awaitFile(mine + "-begun-" + i);
                }
            }
        }

        private static void tellOfSigterm(String ready, String signalled) throws Exception {
            String script = "trap '> " + signalled + "; exit' TERM; > " + ready + "; while :; do sleep 1; done";
            new ProcessBuilder("sh", "-c", script).start();
            FaultActions.awaitFile(ready);
        }

        /** Waits until the pools' own hook has ended. All hooks have been started once the exiting thread waits for one. */
        private static void awaitOwnHooksEnd() throws InterruptedException {
            while (!hooksAreAwaited() || isAlive("brigade-exit")) {
                Thread.sleep(5);
            }
        }

        private static boolean hooksAreAwaited() {
            return Thread.getAllStackTraces().values().stream()
                    .anyMatch(stack -> Stream.of(stack)
                                    .anyMatch(frame -> frame.getMethodName().equals("runHooks"))
                            && Stream.of(stack)
                                    .anyMatch(frame -> frame.getMethodName().equals("join")));
        }

        private static boolean isAlive(String thread) {
            return Thread.getAllStackTraces().keySet().stream()
                    .anyMatch(one -> one.getName().equals(thread));
        }

        private static void atExit(Callable<Boolean> action) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                try {
                    assertTrue(action.call());
                } catch (Throwable e) {
                    e.printStackTrace();
                    Runtime.getRuntime().halt(3);
                }
            }));
        }

        /** Signals the process's own group. The hook then ends the process with exit code 0, in place of the signal's. */
        private void beSignalled() throws Exception {
            Runner runner = ProcessRunner.builder().workers(WORKERS).build();
            runners.add(runner);
            assertEquals(List.of(0, 1), runner.map(List.of(0, 1), n -> n));
            begin(true);
            atExit(() -> {
                for (int i = 0; i < WORKERS; i++) {
                    FaultActions.awaitFile(go + "-signalled-" + i); // the signal has come to the group
                }
                drain(runner);
                Runtime.getRuntime().halt(0);
                return true;
            });
            // This process is in the group, too.
            new ProcessBuilder(
                            "kill", "-TERM", "--", "-" + ProcessHandle.current().pid())
                    .start();
            Thread.sleep(WAIT_SECONDS * 4000);
        }

        private boolean hook(HookAction action, Runner runner) throws Exception {
            long beganNanos = System.nanoTime();
            switch (action) {
                case DRAINS_LATER -> {
                    awaitOwnHooksEnd(); // as if other beans were closed first, or requests still came in
                    drain(runner);
                }
                case DRAINS, DRAINS_SEVERAL -> drain(runner);
                case CANCELS -> {
                    runner.closeNow();
                    for (TaskFuture<Integer> future : futures) {
                        assertEquals(
                                Outcome.State.CANCELLED, future.awaitOutcome().state());
                    }
                }
                case CLOSES_IDLE -> runner.close();
                case USES, USES_FIRST -> {
                    assertEquals(List.of(0, 1), runner.map(List.of(0, 1), n -> n));
                    runner.close();
                }
                case NOTHING, NOTHING_BUSY -> {}
            }
            long seconds = Duration.ofNanos(System.nanoTime() - beganNanos).toSeconds();
            assertTrue(seconds < WAIT_SECONDS, () -> "the hook took " + seconds + " s");
            return true;
        }

        private void drain(Runner runner) throws Exception {
            synchronized (this) {
                if (!Files.exists(Path.of(go))) {
                    FaultActions.makeFile(go);
                }
            }
            runner.close();
            for (int i = 0; i < TASKS; i++) {
                assertEquals(i, PoolUnderTest.get(futures.get(i)));
            }
        }
    }

    /** A parent that exits a while after it has submitted a task, and does not wait for the task. */
    static final class HastyParent {
        private HastyParent() {}

        @SuppressWarnings("MustBeClosedChecker") // the point
        public static void main(String[] arguments) throws Exception {
            Runner runner = ProcessRunner.of(2);
            TaskFuture<Integer> future = runner.submit(() -> 1);
            Thread.sleep(Long.parseLong(arguments[0]));
            System.exit(future.isCancelled() ? 1 : 0);
        }
    }

    /** A parent that sends SIGTERM to its group while its tasks run. */
    static final class SignalledParent {
        private SignalledParent() {}

        public static void main(String[] arguments) throws Exception {
            new HookedParent(arguments[0]).beSignalled();
        }
    }
}
