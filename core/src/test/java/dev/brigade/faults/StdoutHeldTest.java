package dev.brigade.faults;

import static dev.brigade.faults.PoolUnderTest.WAIT_SECONDS;
import static dev.brigade.faults.PoolUnderTest.await;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.brigade.WorkerLostException;
import dev.brigade.process.Leftovers;
import dev.brigade.runner.ProcessRunner;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests of a process that a task has started, and that holds the worker's stdout and outlives the worker. Its environment is cleared, so
 * that the pool cannot find it.
 */
@Timeout(value = 2 * WAIT_SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class StdoutHeldTest {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(60);

    /** Less than half of the time-out, which a close takes if it waits for the process that holds stdout. */
    private static final Duration CLOSE_BOUND = Duration.ofSeconds(20);

    private final List<Long> holders = new CopyOnWriteArrayList<>();
    private final List<String> lines = new CopyOnWriteArrayList<>();

    /** The process that holds a worker's stdout, and the pipe that this stdout is. */
    private record Held(long holder, String pipe) implements Serializable {}

    @BeforeEach
    void onLinuxOnly() {
        assumeTrue(Files.isDirectory(DESCRIPTORS), "there is no /proc here");
    }

    @AfterEach
    void endHolders() {
        holders.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
    }

    private ProcessRunner.Builder builder() {
        return ProcessRunner.builder()
                .workers(1)
                .grace(Duration.ofMillis(200))
                .closeTimeout(CLOSE_TIMEOUT)
                .outputListener(printed -> lines.add(printed.line()));
    }

    /** Starts a process that the worker's mark does not find. Runs in a worker. */
    private static Held hold(String script) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("setsid", "sh", "-c", script)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT);
        builder.environment().clear();
        Process holder = builder.start();
        return new Held(holder.pid(), targetOf(DESCRIPTORS.resolve("1")));
    }

    private Held held(ProcessRunner runner, String script) throws Exception {
        Held held = PoolUnderTest.get(runner.submit(() -> hold(script)));
        holders.add(held.holder());
        assertTrue(held.pipe().startsWith("pipe:"), held::toString);
        return held;
    }

    private static String targetOf(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return ""; // the listing's own descriptor
        }
    }

    /** Returns true if this process still has the pipe open. */
    private static boolean isOpen(String pipe) {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(DESCRIPTORS)) {
            for (Path descriptor : all) {
                if (targetOf(descriptor).equals(pipe)) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void closesSoon(ProcessRunner runner, Leftovers leftovers) {
        long beganNanos = System.nanoTime();
        runner.close();
        Duration took = Duration.ofNanos(System.nanoTime() - beganNanos);
        for (long holder : holders) {
            assertTrue(!Leftovers.isGone(holder), "the process that holds stdout has ended: nothing is shown");
        }
        assertTrue(took.compareTo(CLOSE_BOUND) < 0, () -> "the close took " + took);
        leftovers.assertNone();
    }

    @Test
    void aCloseWaitsForNobodyWhoHoldsStdout() throws Exception {
        Leftovers leftovers = new Leftovers();
        ProcessRunner runner = builder().build();
        held(runner, "exec sleep 300");
        PoolUnderTest.goesOn(runner);
        closesSoon(runner, leftovers);
    }

    @Test
    void aCloseWaitsForNobodyWhoKeepsWritingToStdout() throws Exception {
        Leftovers leftovers = new Leftovers();
        ProcessRunner runner = builder().build();
        held(runner, "trap '' PIPE; while :; do echo again; sleep 0.05; done");
        PoolUnderTest.goesOn(runner);
        closesSoon(runner, leftovers);
    }

    @Test
    void aCloseNowWaitsForNobodyWhoHoldsStdout() throws Exception {
        Leftovers leftovers = new Leftovers();
        ProcessRunner runner = builder().build();
        held(runner, "exec sleep 300");
        runner.closeNow();
        closesSoon(runner, leftovers);
    }

    @Test
    void whatHoldsStdoutIsHeardWhileTheWorkerLives() throws Exception {
        Leftovers leftovers = new Leftovers();
        ProcessRunner runner = builder().build();
        held(runner, "echo from afar; exec sleep 300");
        await(() -> lines.contains("from afar"));
        closesSoon(runner, leftovers);
    }

    @Test
    void aWorkerThatIsReplacedLeavesNoDescriptorThoughItsStdoutIsHeld() throws Exception {
        Leftovers leftovers = new Leftovers();
        ProcessRunner runner = builder().maxTasksPerWorker(1).build();
        Held first = held(runner, "exec sleep 300");
        Held second = held(runner, "exec sleep 300");
        await("end of reading", () -> !isOpen(first.pipe()) && !isOpen(second.pipe()));
        assertEquals(1, PoolUnderTest.get(runner.submit(() -> 1)));
        closesSoon(runner, leftovers);
    }

    @Test
    void theLastWordsOfAWorkerAreHeardThoughItsStdoutIsHeld(@TempDir Path directory) throws Exception {
        String pid = directory.resolve("pid").toString();
        Leftovers leftovers = new Leftovers();
        ProcessRunner runner = builder().build();
        WorkerLostException lost = (WorkerLostException) PoolUnderTest.failureOf(runner.submit(() -> {
            Files.writeString(Path.of(pid), Long.toString(hold("exec sleep 300").holder()));
            FileOutputStream raw = new FileOutputStream(FileDescriptor.err);
            raw.write("x".repeat(50_000).getBytes(US_ASCII));
            raw.write("\nwhole\nand half a line".getBytes(US_ASCII));
            Runtime.getRuntime().halt(9);
            return 1;
        }));
        holders.add(Long.parseLong(Files.readString(Path.of(pid))));
        assertEquals(9, lost.exitCode().orElseThrow(), lost::getMessage);
        List<String> words = lost.stderr();
        assertEquals(List.of("whole", "and half a line"), words.subList(words.size() - 2, words.size()));
        PoolUnderTest.goesOn(runner);
        closesSoon(runner, leftovers);
    }
}
