package dev.brigade.faults;

import static dev.brigade.faults.PoolUnderTest.WAIT_SECONDS;
import static dev.brigade.faults.PoolUnderTest.await;
import static dev.brigade.faults.PoolUnderTest.awaitEnd;
import static dev.brigade.faults.PoolUnderTest.failureOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Outcome;
import dev.brigade.RunOptions;
import dev.brigade.Task;
import dev.brigade.TaskFuture;
import dev.brigade.WorkerChannel;
import dev.brigade.WorkerLostException;
import dev.brigade.WorkerLostException.Reason;
import dev.brigade.runner.ProcessRunner;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.ref.Cleaner;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests of the harm that a task may do to its worker. The tests share a pool, which must survive them all, one after the other. */
@ParameterizedClass
@EnumSource(
        value = WorkerChannel.class,
        names = {"UNIX", "TCP"})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 2 * WAIT_SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class TaskFaultsTest {
    private static final Duration GRACE = Duration.ofSeconds(2); // time for a dump on a busy machine
    private static final Duration TASK_TIMEOUT = Duration.ofMillis(300);
    private static final int MOST_KILLS = 5;
    private static final int ROUNDS = 20;
    private static final int LARGE_BYTES = 24 << 20;

    /** Less than any socket takes at once, and more than this JVM writes for other reasons. */
    private static final int BEGINNING_BYTES = 64 << 10;

    private static int counter;

    private final List<String> printed = new CopyOnWriteArrayList<>();

    @Parameter
    WorkerChannel channel;

    private PoolUnderTest pool;

    @BeforeParameterizedClassInvocation
    void open() {
        pool = new PoolUnderTest(builder().outputListener(output -> printed.add(output.line())));
    }

    private ProcessRunner.Builder builder() {
        return ProcessRunner.builder()
                .workers(2)
                .channel(channel)
                .grace(GRACE)
                .maxHeapBytes(96 << 20)
                .jvmArgs("-XX:MaxMetaspaceSize=40m", "-XX:MaxDirectMemorySize=32m");
    }

    /**
     * Opens a pool of one worker for a single test. Before that the shared pool is completed, so that none of its workers counts as a
     * leftover of this one.
     */
    private PoolUnderTest single() throws Exception {
        pool.bothWorkers();
        return new PoolUnderTest(builder().workers(1).outputListener(output -> printed.add(output.line())));
    }

    @AfterParameterizedClassInvocation
    void leavesNothing() {
        pool.close();
    }

    @Test
    void aTasksExceptionIsItsOwn() throws Exception {
        IOException thrown = assertInstanceOf(IOException.class, pool.failure(() -> {
            throw new IOException("told");
        }));
        assertEquals("told", thrown.getMessage());
    }

    @Test
    void aTasksErrorIsItsOwn() throws Exception {
        AssertionError thrown = assertInstanceOf(AssertionError.class, pool.failure(() -> {
            throw new AssertionError("told");
        }));
        assertEquals("told", thrown.getMessage());
    }

    @Test
    void aStackOverflowCostsNoWorker() throws Exception {
        Set<Long> before = pool.bothWorkers();
        assertInstanceOf(StackOverflowError.class, pool.failure(() -> FaultActions.overflow(0)));
        assertEquals(before, pool.bothWorkers());
    }

    @Test
    void anOutOfMemoryErrorByHandReplacesTheWorker() throws Exception {
        Throwable failure = pool.failure(() -> {
            throw new OutOfMemoryError("" + ProcessHandle.current().pid());
        });
        assertInstanceOf(OutOfMemoryError.class, failure);
        awaitEnd(Long.parseLong(failure.getMessage()));
    }

    @Test
    void aFullHeapEndsTheWorker() throws Exception {
        WorkerLostException lost = pool.lost(FaultActions::fillHeap);
        assertEquals(Reason.OUT_OF_MEMORY, lost.reason(), lost::getMessage);
        assertTrue(lost.getMessage().contains("ran out of memory (exit code 3)"), lost::getMessage);
    }

    @Test
    void aFullMetaspaceEndsTheWorker() throws Exception {
        WorkerLostException lost = pool.lost(FaultActions::fillMetaspace);
        assertEquals(Reason.OUT_OF_MEMORY, lost.reason(), lost::getMessage);
    }

    @Test
    void fullDirectMemoryReplacesTheWorker() throws Exception {
        Throwable failure = pool.failure(() -> {
            try {
                return FaultActions.fillDirectMemory();
            } catch (OutOfMemoryError e) {
                throw (OutOfMemoryError)
                        new OutOfMemoryError("" + ProcessHandle.current().pid()).initCause(e);
            }
        });
        assertInstanceOf(OutOfMemoryError.class, failure);
        assertTrue(failure.getCause().getMessage().contains("direct buffer memory"), failure.getCause()::getMessage);
        awaitEnd(Long.parseLong(failure.getMessage()));
    }

    @Test
    void anExitIsToldWithItsCodeAndTheLastWords() throws Exception {
        pool.bothWorkers();
        // On a busy machine an exit takes longer than the other pools' grace, and would be a kill.
        try (PoolUnderTest patient = new PoolUnderTest(builder().grace(PoolUnderTest.WAIT))) {
            for (int code : new int[] {0, 3, 7, 143}) {
                WorkerLostException lost = patient.lost(() -> {
                    System.err.println("last words");
                    System.exit(code);
                    return null;
                });
                assertEquals(Reason.EXITED, lost.reason(), lost::getMessage);
                assertEquals(code, lost.exitCode().orElseThrow());
                assertEquals(List.of("last words"), lost.stderr());
                assertTrue(lost.getMessage().contains("exited with code " + code), lost::getMessage);
            }
        }
    }

    @Test
    void aHaltIsToldWithItsCode() throws Exception {
        WorkerLostException lost = pool.lost(() -> {
            Runtime.getRuntime().halt(9);
            return null;
        });
        assertEquals(Reason.EXITED, lost.reason(), lost::getMessage);
        assertEquals(9, lost.exitCode().orElseThrow());
    }

    @Test
    void aCrashInNativeCodeIsToldWithItsSignal() throws Exception {
        WorkerLostException lost = pool.lost(FaultActions::crash);
        assertEquals(Reason.SIGNALLED, lost.reason(), lost::getMessage);
        assertTrue(lost.getMessage().contains("crashed with SIGSEGV"), lost::getMessage);
    }

    @Test
    void idleWorkersThatAreKilledCostNobodyAnything() throws Exception {
        Set<Long> pids = pool.bothWorkers();
        pids.forEach(pid -> ProcessHandle.of(pid).orElseThrow().destroyForcibly());
        pool.goesOn();
        pids.forEach(PoolUnderTest::awaitEnd);
    }

    @Test
    void aKillInTheMiddleOfATaskIsToldWithItsSignal() throws Exception {
        WorkerLostException lost = pool.lost(FaultActions::die);
        assertEquals(Reason.SIGNALLED, lost.reason(), lost::getMessage);
        assertEquals(9, lost.signal().orElseThrow());
        assertTrue(lost.getMessage().contains("SIGKILL"), lost::getMessage);
    }

    /** The kill may come after the result is sent, and then the task succeeds. The test repeats until the kill comes before. */
    @Test
    void aKillInTheMiddleOfAResultFailsItsTask() throws Exception {
        try (PoolUnderTest single = single()) {
            Outcome<Void, byte[]> outcome = killedWhileItAnswers(single);
            for (int round = 1; outcome.state() == Outcome.State.SUCCESS && round < ROUNDS; round++) {
                assertEquals(LARGE_BYTES, outcome.value().length);
                outcome = killedWhileItAnswers(single);
            }
            WorkerLostException lost = assertInstanceOf(WorkerLostException.class, outcome.exception());
            assertEquals(9, lost.signal().orElseThrow(), lost::getMessage);
            single.goesOn();
        }
    }

    private static Outcome<Void, byte[]> killedWhileItAnswers(PoolUnderTest single) throws Exception {
        long pid = single.pid();
        TaskFuture<byte[]> task = single.runner.submit(() -> {
            byte[] result = new byte[LARGE_BYTES];
            FaultActions.dieAfter("wchar", LARGE_BYTES / 16);
            return result;
        });
        Outcome<Void, byte[]> outcome = task.awaitOutcome();
        awaitEnd(pid);
        return outcome;
    }

    @Test
    void aKillInTheMiddleOfAnInputCostsItsTaskNothing() throws Exception {
        try (PoolUnderTest single = single()) {
            long first = single.pid();
            byte[] large = new byte[LARGE_BYTES];
            PosixSignals.send("STOP", first); // so that it reads nothing, and the socket takes the beginning only
            long before = FaultActions.count("wchar");
            TaskFuture<Integer> length = single.runner.submit(() -> large.length);
            await("the input's beginning", () -> FaultActions.count("wchar") - before >= BEGINNING_BYTES);
            PosixSignals.send("KILL", first);
            assertEquals(LARGE_BYTES, PoolUnderTest.get(length));
            assertNotEquals(first, single.pid());
            single.goesOn();
        }
    }

    @Test
    void aWorkerThatIgnoresSigtermIsKilled() throws Exception {
        WorkerLostException lost = pool.killedFor(TASK_TIMEOUT, () -> {
            FaultActions.ignore("TERM");
            FaultActions.raise("TERM");
            return FaultActions.spin();
        });
        assertEquals(137, lost.exitCode().orElseThrow(), lost::getMessage);
    }

    @Test
    void aFrozenWorkerIsKilledAndSaysWhyThereIsNoDump() throws Exception {
        WorkerLostException lost = pool.killedFor(TASK_TIMEOUT, () -> {
            FaultActions.raise("STOP");
            return FaultActions.spin();
        });
        assertTrue(lost.getMessage().contains("there is no thread dump"), lost::getMessage);
        assertTrue(lost.getMessage().contains("process state T"), lost::getMessage);
    }

    @Test
    void anEndlessLoopIsKilledWithItsStack() throws Exception {
        WorkerLostException lost = pool.killedFor(TASK_TIMEOUT, FaultActions::spin);
        assertTrue(lost.getMessage().contains("FaultActions.spin"), lost::getMessage);
    }

    @Test
    void aBodyThatIgnoresInterruptsIsKilledWithItsStack() throws Exception {
        WorkerLostException lost = pool.killedFor(TASK_TIMEOUT, FaultActions::ignoreInterrupts);
        assertTrue(lost.getMessage().contains("FaultActions.ignoreInterrupts"), lost::getMessage);
    }

    @Test
    void aDeadlockIsKilledWithTheStacksOfBothThreads() throws Exception {
        WorkerLostException lost = pool.killedFor(TASK_TIMEOUT, FaultActions::deadlock);
        assertTrue(lost.getMessage().contains("FaultActions.lockBoth"), lost::getMessage);
        assertTrue(lost.getMessage().contains("other half"), lost::getMessage);
    }

    @Test
    void aBodyThatSwallowsEverythingIsKilled() throws Exception {
        WorkerLostException lost = pool.killedFor(TASK_TIMEOUT, FaultActions::swallowEverything);
        assertTrue(lost.getMessage().contains("FaultActions.swallowEverything"), lost::getMessage);
    }

    @Test
    void aBodyStuckInNativeCodeIsKilledWithinTheGraceAndASecond() throws Exception {
        assertKilledInTime(FaultActions::blockInNativeCode);
    }

    @Test
    void anEndlessLoopIsKilledWithinTheGraceAndASecond() throws Exception {
        assertKilledInTime(FaultActions::spin);
    }

    /** Asserts that the shortest of several kills is in time, since a busy machine may delay a single one. */
    private void assertKilledInTime(Task<?> action) throws Exception {
        Duration bound = TASK_TIMEOUT.plus(GRACE).plusSeconds(1);
        List<Duration> took = new ArrayList<>();
        do {
            assertTrue(took.size() < MOST_KILLS, () -> "none was within " + bound + ": " + took);
            TaskFuture<?> stuck = pool.runner.submit(
                    action, RunOptions.builder().taskTimeout(TASK_TIMEOUT).build());
            long beganNanos = System.nanoTime();
            Outcome<Void, ?> outcome = stuck.awaitOutcome();
            took.add(Duration.ofNanos(System.nanoTime() - beganNanos));
            assertEquals(Outcome.State.TIMED_OUT, outcome.state(), outcome::toString);
            pool.goesOn();
        } while (Collections.min(took).compareTo(bound) >= 0);
    }

    @Test
    void threadsThatATaskLeavesEndWithTheirWorker() throws Exception {
        try (PoolUnderTest single = single()) {
            long pid = single.get(() -> {
                new Thread(FaultActions::spin).start();
                return ProcessHandle.current().pid();
            });
            single.goesOn();
            single.runner.close();
            awaitEnd(pid);
        }
    }

    @Test
    void aShutdownHookThatHangsIsKilled() throws Exception {
        WorkerLostException lost = pool.lost(() -> {
            Runtime.getRuntime().addShutdownHook(new Thread(FaultActions::spin));
            System.exit(5);
            return null;
        });
        assertTrue(lost.getMessage().contains("it did not exit within " + GRACE), lost::getMessage);
    }

    @Test
    void aShutdownHookThatHangsDoesNotHoldUpTheClose() throws Exception {
        try (PoolUnderTest single = single()) {
            long pid = single.get(() -> {
                Runtime.getRuntime().addShutdownHook(new Thread(FaultActions::spin));
                return ProcessHandle.current().pid();
            });
            single.runner.close();
            awaitEnd(pid);
        }
    }

    @Test
    void whatAKilledTaskHasStartedIsGone(@TempDir Path directory) throws Exception {
        String pidFile = directory.resolve("pid").toString();
        pool.killedFor(TASK_TIMEOUT, () -> {
            new ProcessBuilder(
                            "sh", "-c", "sleep 300 & echo $! > " + pidFile + ".new; mv " + pidFile + ".new " + pidFile)
                    .start();
            FaultActions.awaitFile(pidFile);
            return FaultActions.ignoreInterrupts();
        });
        awaitEnd(Long.parseLong(Files.readString(Path.of(pidFile)).trim()));
    }

    @Test
    void whatATaskHasStartedIsGoneAfterTheClose() throws Exception {
        long pid;
        try (PoolUnderTest single = single()) {
            // A daemon, which is not a descendant of the worker, with all its streams closed.
            pid = single.get(() -> {
                Process shell = new ProcessBuilder("sh", "-c", "setsid sleep 300 >&- 2>&- <&- & echo $!").start();
                return Long.parseLong(
                        new String(shell.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII)
                                .trim());
            });
            single.goesOn();
            assertTrue(ProcessHandle.of(pid).isPresent());
        }
        awaitEnd(pid);
    }

    @Test
    void aTaskMayCloseTheStandardStreams() throws Exception {
        try (PoolUnderTest single = single()) {
            assertEquals(1, single.get(() -> {
                System.in.close();
                System.out.close();
                System.err.close();
                return 1;
            }));
            single.goesOn();
            single.get(() -> {
                System.out.println("out of a closed one");
                System.err.println("err of a closed one");
                return 1;
            });
            await(() -> printed.containsAll(List.of("out of a closed one", "err of a closed one")));
        }
    }

    @Test
    void aTaskMayCloseTheStandardDescriptors() throws Exception {
        try (PoolUnderTest single = single()) {
            assertEquals(1, single.get(() -> {
                new FileInputStream(FileDescriptor.in).close();
                new FileOutputStream(FileDescriptor.out).close();
                new FileOutputStream(FileDescriptor.err).close();
                return 1;
            }));
            single.goesOn();
            single.get(() -> {
                System.out.println("out of no descriptor");
                return 1;
            });
            await(() -> printed.contains("out of no descriptor"));
        }
    }

    @Test
    void tasksFindAnEmptyStdin() throws Exception {
        assertEquals(-1, pool.get(() -> System.in.read()));
        assertEquals(-1, pool.get(() -> new FileInputStream(FileDescriptor.in).read()));
        pool.goesOn();
    }

    @Test
    void streamsThatATaskReplacesAreRestored() throws Exception {
        try (PoolUnderTest single = single()) {
            single.get(() -> {
                System.setOut(new PrintStream(OutputStream.nullOutputStream()));
                System.setErr(new PrintStream(OutputStream.nullOutputStream()));
                System.setIn(new FileInputStream("/dev/zero"));
                return 1;
            });
            assertEquals(-1, single.get(() -> {
                System.out.println("out again");
                System.err.println("err again");
                return System.in.read();
            }));
            await(() -> printed.containsAll(List.of("out again", "err again")));
            single.goesOn();
        }
    }

    @Test
    void aTaskMayChangeTheDefaultsOfItsProcess() throws Exception {
        try (PoolUnderTest single = single()) {
            single.get(() -> {
                Locale.setDefault(Locale.forLanguageTag("ar-SA-u-nu-arab"));
                java.util.TimeZone.setDefault(java.util.TimeZone.getTimeZone("Pacific/Kiritimati"));
                java.security.Security.setProperty("securerandom.source", "file:/nowhere");
                java.security.Security.removeProvider("SunEC");
                Thread.setDefaultUncaughtExceptionHandler(
                        (thread, e) -> Runtime.getRuntime().halt(1));
                Thread.currentThread()
                        .setUncaughtExceptionHandler(
                                (thread, e) -> Runtime.getRuntime().halt(1));
                Thread.currentThread().setContextClassLoader(new URLClassLoader(new URL[0], null));
                return 1;
            });
            single.goesOn();
            assertTrue(single.get(
                    () -> Thread.currentThread().getContextClassLoader() == ClassLoader.getSystemClassLoader()));
            assertInstanceOf(IOException.class, failureOf(single.runner.submit(() -> {
                throw new IOException("still told");
            })));
        }
    }

    /** The security manager, which later JDKs no longer have, forbids everything that follows. */
    @Test
    @EnabledForJreRange(max = JRE.JAVA_17)
    void aSecurityManagerThatATaskLeavesHarmsNoOther() throws Exception {
        try (PoolUnderTest single = single()) {
            long pid = single.pid();
            single.get(() -> {
                FaultActions.forbidEverything();
                return 1;
            });
            single.goesOn();
            awaitEnd(pid);
        }
    }

    @Test
    void anInterruptThatATaskLeavesReachesNoOther() throws Exception {
        try (PoolUnderTest single = single()) {
            single.get(() -> {
                Thread.currentThread().interrupt();
                return 1;
            });
            assertFalse(single.get(() -> Thread.currentThread().isInterrupted()));
            single.goesOn();
        }
    }

    @Test
    void staticsLastAsLongAsTheirWorker() throws Exception {
        try (PoolUnderTest single = single()) {
            assertEquals(1, single.get(() -> ++counter));
            assertEquals(2, single.get(() -> ++counter));
            assertEquals(0, counter);
            single.goesOn();
        }
        try (PoolUnderTest fresh = new PoolUnderTest(builder().workers(1).maxTasksPerWorker(1))) {
            assertEquals(1, fresh.get(() -> ++counter));
            assertEquals(1, fresh.get(() -> ++counter));
        }
    }

    @Test
    void aWorkerThatKillsAnotherFailsTheOthersTaskAlone(@TempDir Path directory) throws Exception {
        String victim = directory.resolve("victim").toString();
        TaskFuture<Integer> killed = pool.runner.submit(() -> {
            Files.writeString(
                    Path.of(victim + ".new"), "" + ProcessHandle.current().pid());
            Files.move(Path.of(victim + ".new"), Path.of(victim));
            return FaultActions.ignoreInterrupts();
        });
        Task<Boolean> killer = () -> {
            FaultActions.awaitFile(victim);
            long pid = Long.parseLong(Files.readString(Path.of(victim)));
            return ProcessHandle.of(pid).orElseThrow().destroyForcibly();
        };
        try {
            assertTrue(pool.get(killer));
            WorkerLostException lost = assertInstanceOf(WorkerLostException.class, failureOf(killed));
            assertEquals(9, lost.signal().orElseThrow(), lost::getMessage);
        } finally {
            killed.cancel(true);
        }
        pool.goesOn();
    }

    @Test
    void aCleanerThatEndsTheWorkerAfterTheResultCostsNobodyAnything(@TempDir Path directory) throws Exception {
        String go = directory.resolve("go").toString();
        try (PoolUnderTest single = single()) {
            long pid = single.get(() -> {
                Cleaner.create().register(new Object(), () -> {
                    try {
                        FaultActions.awaitFile(go);
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    Runtime.getRuntime().halt(7);
                });
                System.gc();
                return ProcessHandle.current().pid();
            });
            FaultActions.makeFile(go);
            awaitEnd(pid);
            single.goesOn();
        }
    }
}
