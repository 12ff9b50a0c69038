package dev.brigade.process.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests of reading a process's output, and of ending that although other processes hold the pipe. */
final class OutputPipeTest {
    private static final long WAIT_SECONDS = 30;
    private static final long SILENT_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile CountDownLatch mayGoOn = new CountDownLatch(0);
    private Process process;
    private OutputPipe pipe;
    private Thread reader;

    @BeforeEach
    void onLinuxOnly() {
        assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")), "there is no /proc here");
    }

    @AfterEach
    void endAll() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    private void start(String script) throws IOException {
        process =
                new ProcessBuilder("sh", "-c", script).redirectErrorStream(true).start();
        pipe = new OutputPipe(process);
    }

    private void read() {
        reader = new Thread(new ProcessOutputReader(pipe, this::hear, ended::countDown), "reader of output");
        reader.setDaemon(true);
        reader.start();
    }

    private void hear(String line) {
        lines.add(line);
        boolean interrupted = false;
        while (mayGoOn.getCount() > 0) {
            try {
                mayGoOn.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Sends the process the line that it waits for. */
    private void next() throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
    }

    private void awaitLine(String line) throws InterruptedException {
        long untilNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        while (!lines.contains(line)) {
            assertTrue(System.nanoTime() - untilNanos < 0, () -> line + " not among " + lines);
            Thread.sleep(1);
        }
    }

    private void awaitEnd() throws InterruptedException {
        assertTrue(ended.await(WAIT_SECONDS, TimeUnit.SECONDS), "it is still read");
    }

    @Test
    void theEndOfTheOutputIsTheEndOfReading() throws Exception {
        start("read go; echo one; echo two");
        read();
        next();
        awaitEnd();
        assertEquals(List.of("one", "two"), lines);
        pipe.endOnceSilent(SILENT_NANOS);
    }

    @Test
    void whatAProcessPrintedThatHasLongEndedIsRead() throws Exception {
        start("echo one; printf 'no end'");
        assertTrue(process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS));
        read();
        awaitEnd();
        assertEquals(List.of("one", "no end"), lines);
    }

    @Test
    void silenceEndsTheReadingOfAHeldPipe() throws Exception {
        start("echo one; read go; printf 'no end'; exec sleep 300");
        read();
        awaitLine("one");
        next();
        pipe.endOnceSilent(SILENT_NANOS);
        awaitEnd();
        assertTrue(process.isAlive());
    }

    @Test
    void anInterruptEndsTheReadingOfAHeldPipe() throws Exception {
        start("echo one; exec sleep 300");
        read();
        awaitLine("one");
        reader.interrupt();
        awaitEnd();
        assertTrue(process.isAlive());
    }

    /** The listener may be slow; lines that it has not taken yet are no silence. */
    @Test
    void whatWasWrittenIsReadHoweverSlowTheReaderIs() throws Exception {
        mayGoOn = new CountDownLatch(1);
        start("read go; i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i + 1)); done; exec sleep 300 >&2");
        read();
        next();
        awaitLine("line 0");
        CountDownLatch over = new CountDownLatch(1);
        Thread ender = new Thread(() -> {
            try {
                pipe.endOnceSilent(SILENT_NANOS);
                over.countDown();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        ender.setDaemon(true);
        ender.start();
        assertFalse(over.await(20 * SILENT_NANOS, TimeUnit.NANOSECONDS), "it was ended while there was more to read");
        mayGoOn.countDown();
        awaitLine("line 4999");
        awaitEnd();
        assertEquals(5000, lines.size());
    }

    /** A script in place of {@code java} may pass the output of its JVM through another process. */
    @Test
    void aPipeOfTheProcessesOwnIsLeftToItsReader(@TempDir Path directory) throws Exception {
        Path ready = directory.resolve("ready");
        start("mkfifo " + directory + "/own; cat " + directory + "/own & exec >" + directory + "/own; mkdir " + ready
                + "; read go; echo one; exec >&-; wait");
        long untilNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        while (!Files.exists(ready)) {
            assertTrue(System.nanoTime() - untilNanos < 0, "the script hangs");
            Thread.sleep(1);
        }
        read();
        next();
        awaitEnd();
        assertEquals(List.of("one"), lines);
    }
}
