package dev.brigade.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.process.connection.FrameFlusher;
import dev.brigade.process.protocol.ProgressFile;
import dev.brigade.process.scheduling.WorkerExit;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Tests of starting, watching and killing workers when the machine has no thread left for it. */
final class ProcessManagerTest {
    private static final Executor NO_THREADS = action -> {
        throw new OutOfMemoryError("unable to create native thread");
    };

    private final List<ProcessWorker> failed = new ArrayList<>();
    private final List<Throwable> causes = new ArrayList<>();
    private final ProcessWorker worker =
            new ProcessWorker(new NoActions(), new FrameFlusher(), 1, 0, "cookie-of-nobody-", System.nanoTime());

    /** True once the worker's process is known to have ended. */
    private volatile boolean ended;

    private final CountDownLatch launched = new CountDownLatch(1);

    private String seconds = "60";
    private boolean unusable;

    /** A process that throws whenever it is used, so that any step of the clean-up after it throws. */
    private static final class UnusableProcess extends Process {
        @Override
        public OutputStream getOutputStream() {
            throw new NoClassDefFoundError("stdin");
        }

        @Override
        public InputStream getInputStream() {
            throw new NoClassDefFoundError("stdout");
        }

        @Override
        public InputStream getErrorStream() {
            throw new NoClassDefFoundError("stderr");
        }

        @Override
        public int waitFor() {
            throw new NoClassDefFoundError("waiting");
        }

        @Override
        public int exitValue() {
            throw new NoClassDefFoundError("its exit code");
        }

        @Override
        public void destroy() {
            throw new NoClassDefFoundError("its end");
        }

        @Override
        public long pid() {
            throw new NoClassDefFoundError("its number");
        }

        @Override
        public ProcessHandle toHandle() {
            throw new NoClassDefFoundError("its handle");
        }
    }

    /** Does nothing, since no decision is made here. */
    private static final class NoActions implements ProcessWorker.ProcessActions {
        @Override
        public void launch(ProcessWorker one) {}

        @Override
        public void kill(ProcessWorker one) {}

        @Override
        public void reaped(ProcessWorker one, WorkerExit exit, String reason) {}
    }

    private final ProcessManager.ProcessListener listener = new ProcessManager.ProcessListener() {
        @Override
        public Process start(ProcessWorker started) throws IOException {
            Process process = unusable ? new UnusableProcess() : new ProcessBuilder("sleep", seconds).start();
            started.process = process;
            return process;
        }

        @Override
        public void onLoop(Runnable action) {
            try {
                action.run();
            } catch (NoClassDefFoundError e) {
                // A real loop logs the error, and goes on.
            }
        }

        @Override
        public void launched(ProcessWorker one, Process process) {
            launched.countDown();
        }

        @Override
        public void launchFailed(ProcessWorker one, Throwable why) {
            failed.add(one);
            causes.add(why);
        }

        @Override
        public void ended(ProcessWorker one, ProgressFile.@Nullable Entry last) {
            ended = true;
            throw new NoClassDefFoundError("what it takes, where there is no descriptor left to load it");
        }

        @Override
        public void print(ProcessWorker one, String line) {}
    };

    @Test
    void aWorkerThatCannotBeStartedIsReportedAsFailed() {
        new ProcessManager(NO_THREADS, listener).launch(worker);
        assertEquals(List.of(worker), failed);
        assertEquals("unable to create native thread", causes.get(0).getMessage());
        assertNull(worker.process);
    }

    @Test
    void aProcessThatNobodyCanWatchIsKilled() throws Exception {
        boolean[] first = {true};
        Executor oneThread = action -> {
            if (!first[0]) {
                NO_THREADS.execute(action);
            }
            first[0] = false;
            action.run();
        };
        new ProcessManager(oneThread, listener).launch(worker);
        assertEquals(List.of(worker), failed);
        assertTrue(worker.process.waitFor(10, java.util.concurrent.TimeUnit.SECONDS), "the process has ended");
    }

    /** If it were not told, the pool would wait for the worker beyond the time that its start may take. */
    @Test
    void aFailedStartIsToldWhateverTidyingUpThrows() {
        unusable = true;
        new ProcessManager(Runnable::run, listener).launch(worker);
        assertEquals(List.of(worker), failed);
    }

    @Test
    void aDeadWorkerIsDeadAlsoWhereNobodyCanTellWhatItWasAt() {
        seconds = "0";
        new ProcessManager(action -> new Thread(action).start(), listener).launch(worker);
        awaitItsEnd();
    }

    /** A closed pool has no helper threads any more; a process that comes up then must not stay. */
    @Test
    void aWorkerIsKilledOnTheCallersThreadWhenTheHelpersHaveBeenStopped() throws Exception {
        listener.start(worker);
        Executor stopped = action -> {
            throw new RejectedExecutionException("stopped");
        };
        new ProcessManager(stopped, listener).kill(worker);
        assertTrue(worker.process.waitFor(10, java.util.concurrent.TimeUnit.SECONDS), "the process has ended");
    }

    /** The launch gets its threads; from then on no more can be had. */
    @Test
    void aDeadWorkerIsDeadAlsoWhereNoThreadIsLeftToTellOfIt() throws Exception {
        AtomicBoolean shortage = new AtomicBoolean();
        Executor threads = action -> {
            if (shortage.get()) {
                NO_THREADS.execute(action);
            }
            new Thread(action).start();
        };
        new ProcessManager(threads, listener).launch(worker);
        assertTrue(launched.await(20, java.util.concurrent.TimeUnit.SECONDS), "it is launched");
        shortage.set(true);
        worker.process.toHandle().destroyForcibly();
        awaitItsEnd();
    }

    private void awaitItsEnd() {
        Awaitility.await()
                .pollInterval(Duration.ofMillis(5))
                .atMost(Duration.ofSeconds(20))
                .until(() -> ended && worker.drained.getCount() == 0);
    }

    @Test
    void aWorkerIsKilledOnTheCallersThreadWhenThereIsNoOther() throws Exception {
        listener.start(worker);
        new ProcessManager(NO_THREADS, listener).kill(worker);
        assertTrue(worker.process.waitFor(10, java.util.concurrent.TimeUnit.SECONDS), "the process has ended");
    }
}
