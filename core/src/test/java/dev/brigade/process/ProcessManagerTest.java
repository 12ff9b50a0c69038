package dev.brigade.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.process.protocol.ProgressFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What becomes of workers when the machine has no thread left to start or kill them on. */
final class ProcessManagerTest {
    private static final Executor NO_THREADS = action -> {
        throw new OutOfMemoryError("unable to create native thread");
    };

    private final PoolState crew = new PoolState(1, 0, 0);
    private final List<WorkerRecord> failed = new ArrayList<>();
    private final WorkerRecord worker = new WorkerRecord(1, 0, "cookie-of-nobody-", System.nanoTime());

    /** What has been told on the channel's thread. */
    private final AtomicInteger onLoop = new AtomicInteger();

    private String seconds = "60";
    private boolean unruly;

    /** One that cannot even be asked for its number: any step of tidying up after it throws. */
    private static final class Unruly extends Process {
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

    private final ProcessManager.ProcessListener home = new ProcessManager.ProcessListener() {
        @Override
        public Process start(WorkerRecord started) throws IOException {
            return unruly ? new Unruly() : new ProcessBuilder("sleep", seconds).start();
        }

        @Override
        public void onLoop(Runnable action) {
            action.run();
            onLoop.incrementAndGet();
        }

        @Override
        public void startFailed(WorkerRecord one) {
            failed.add(one);
        }

        @Override
        public void readRest(WorkerRecord one) {
            throw new NoClassDefFoundError("what it takes, where there is no descriptor left to load it");
        }

        @Override
        public ProgressFile.@Nullable Entry lastEntry(WorkerRecord one) {
            throw new NoClassDefFoundError("what it takes, where there is no descriptor left to load it");
        }

        @Override
        public void print(WorkerRecord one, String line) {}
    };

    @Test
    void aWorkerThatCannotBeStartedIsReportedAsFailed() {
        new ProcessManager(crew, NO_THREADS, home).launch(worker);
        assertEquals(List.of(worker), failed);
        assertTrue(worker.exited && worker.drained);
        assertEquals("unable to create native thread", worker.cause.getMessage());
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
        new ProcessManager(crew, oneThread, home).launch(worker);
        assertEquals(List.of(worker), failed);
        assertTrue(worker.process.waitFor(10, java.util.concurrent.TimeUnit.SECONDS), "the process has ended");
    }

    /** It would be waited for, past the time that its start may take. */
    @Test
    void aFailedStartIsToldWhateverTidyingUpThrows() {
        unruly = true;
        new ProcessManager(crew, Runnable::run, home).launch(worker);
        assertEquals(List.of(worker), failed);
        assertTrue(worker.exited && worker.drained);
    }

    @Test
    void aDeadWorkerIsDeadAlsoWhereNobodyCanTellWhatItWasAt() {
        seconds = "0";
        new ProcessManager(crew, action -> new Thread(action).start(), home).launch(worker);
        awaitItsEnd();
    }

    /** Those that the launch took are there; from then on none is to be had. */
    @Test
    void aDeadWorkerIsDeadAlsoWhereNoThreadIsLeftToTellOfIt() {
        AtomicBoolean shortage = new AtomicBoolean();
        Executor threads = action -> {
            if (shortage.get()) {
                NO_THREADS.execute(action);
            }
            new Thread(action).start();
        };
        new ProcessManager(crew, threads, home).launch(worker);
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> onLoop.get() > 0); // it is launched
        shortage.set(true);
        worker.process.toHandle().destroyForcibly();
        awaitItsEnd();
    }

    private void awaitItsEnd() {
        Awaitility.await()
                .pollInterval(Duration.ofMillis(5))
                .atMost(Duration.ofSeconds(20))
                .until(() -> {
                    synchronized (crew) {
                        return worker.exited && worker.drained;
                    }
                });
    }

    @Test
    void aWorkerIsKilledOnTheCallersThreadWhenThereIsNoOther() throws Exception {
        worker.process = home.start(worker);
        new ProcessManager(crew, NO_THREADS, home).kill(worker);
        assertTrue(worker.process.waitFor(10, java.util.concurrent.TimeUnit.SECONDS), "the process has ended");
    }
}
