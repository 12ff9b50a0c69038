package dev.brigade.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What becomes of workers when the machine has no thread left to start or kill them on. */
final class ProcessesTest {
    private static final Executor NO_THREADS = action -> {
        throw new OutOfMemoryError("unable to create native thread");
    };

    private final Crew crew = new Crew(1, 0, 0);
    private final List<Worker> failed = new ArrayList<>();
    private final Worker worker = new Worker(1, 0, "cookie-of-nobody-", System.nanoTime());

    private String seconds = "60";
    private boolean untold;

    /** The JDK (17, with two processors or fewer) takes a thread to tell of an exit; this one is told that there was none. */
    private static final class Untold extends Process {
        private final Process real;

        Untold(Process real) {
            this.real = real;
        }

        @Override
        public CompletableFuture<Process> onExit() {
            return real.onExit().thenApply(process -> {
                throw new OutOfMemoryError("unable to create native thread");
            });
        }

        @Override
        public OutputStream getOutputStream() {
            return real.getOutputStream();
        }

        @Override
        public InputStream getInputStream() {
            return real.getInputStream();
        }

        @Override
        public InputStream getErrorStream() {
            return real.getErrorStream();
        }

        @Override
        public int waitFor() throws InterruptedException {
            return real.waitFor();
        }

        @Override
        public int exitValue() {
            return real.exitValue();
        }

        @Override
        public void destroy() {
            real.destroy();
        }

        @Override
        public long pid() {
            return real.pid();
        }
    }

    private final Processes.Home home = new Processes.Home() {
        @Override
        public Process start(Worker started) throws IOException {
            Process process = new ProcessBuilder("sleep", seconds).start();
            return untold ? new Untold(process) : process;
        }

        @Override
        public void onLoop(Runnable action) {
            action.run();
        }

        @Override
        public void startFailed(Worker one) {
            failed.add(one);
        }

        @Override
        public void readRest(Worker one) {}

        @Override
        public Logbook.@Nullable Entry lastEntry(Worker one) {
            throw new NoClassDefFoundError("what it takes, where there is no descriptor left to load it");
        }

        @Override
        public void print(Worker one, String line) {}
    };

    @Test
    void aWorkerThatCannotBeStartedIsReportedAsFailed() {
        new Processes(crew, NO_THREADS, home).launch(worker);
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
        new Processes(crew, oneThread, home).launch(worker);
        assertEquals(List.of(worker), failed);
        assertTrue(worker.process.waitFor(10, java.util.concurrent.TimeUnit.SECONDS), "the process has ended");
    }

    @Test
    void aDeadWorkerIsDeadAlsoWhereNobodyCanTellWhatItWasAt() {
        seconds = "0";
        new Processes(crew, action -> new Thread(action).start(), home).launch(worker);
        awaitItsEnd();
    }

    @Test
    void aDeadWorkerIsDeadAlsoWhereTheJdkHasNoThreadToTellOfIt() {
        seconds = "0";
        untold = true;
        new Processes(crew, action -> new Thread(action).start(), home).launch(worker);
        awaitItsEnd();
    }

    private void awaitItsEnd() {
        Awaitility.await()
                .pollInterval(Duration.ofMillis(5))
                .atMost(Duration.ofSeconds(10))
                .until(() -> {
                    synchronized (crew) {
                        return worker.exited && worker.drained;
                    }
                });
    }

    @Test
    void aWorkerIsKilledOnTheCallersThreadWhenThereIsNoOther() throws Exception {
        worker.process = home.start(worker);
        new Processes(crew, NO_THREADS, home).kill(worker);
        assertTrue(worker.process.waitFor(10, java.util.concurrent.TimeUnit.SECONDS), "the process has ended");
    }
}
