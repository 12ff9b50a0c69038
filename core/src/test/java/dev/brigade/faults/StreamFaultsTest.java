package dev.brigade.faults;

import static dev.brigade.faults.PoolUnderTest.WAIT_SECONDS;
import static dev.brigade.faults.PoolUnderTest.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.brigade.Outcome;
import dev.brigade.RemoteTaskException;
import dev.brigade.RunOptions;
import dev.brigade.TaskFuture;
import dev.brigade.WorkerChannel;
import dev.brigade.WorkerLostException;
import dev.brigade.WorkerLostException.Reason;
import dev.brigade.WorkerOutput;
import dev.brigade.process.HostileWorker;
import dev.brigade.runner.ProcessRunner;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests of a worker's output: too much, without an end, past the standard streams, or bytes that are no frame. */
@ParameterizedClass
@EnumSource(
        value = WorkerChannel.class,
        names = {"UNIX", "TCP"})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 2 * WAIT_SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class StreamFaultsTest {
    private static final Duration TASK_TIMEOUT = Duration.ofMillis(300);
    private static final int LINE_BYTES = 100 << 20;
    private static final int CHUNK_BYTES = 1 << 20;

    /** Longer lines come in pieces, as {@code WorkerOutput} says. */
    private static final int MAX_PIECE = 64 * 1024;

    private record Line(String text, String worker, String task) {}

    private final List<Line> lines = new CopyOnWriteArrayList<>();
    private final AtomicLong chars = new AtomicLong();
    private final AtomicInteger longest = new AtomicInteger();

    @Parameter
    WorkerChannel channel;

    private PoolUnderTest pool;

    @BeforeParameterizedClassInvocation
    void open() {
        pool = new PoolUnderTest(builder().workers(2));
    }

    @AfterParameterizedClassInvocation
    void leavesNothing() {
        pool.close();
    }

    @BeforeEach
    void forget() {
        lines.clear();
        chars.set(0);
        longest.set(0);
    }

    private ProcessRunner.Builder builder() {
        return ProcessRunner.builder()
                .workers(1)
                .channel(channel)
                .grace(Duration.ofMillis(200))
                .maxHeapBytes(64 << 20)
                .outputListener(this::hear);
    }

    /** Counts all characters, but keeps short lines only. */
    private void hear(WorkerOutput output) {
        String line = output.line();
        chars.addAndGet(line.length());
        longest.accumulateAndGet(line.length(), Math::max);
        if (line.length() < 1000) {
            lines.add(new Line(line, output.worker(), output.task()));
        }
    }

    private List<String> texts() {
        return lines.stream().map(Line::text).toList();
    }

    private void awaitText(String text) {
        await(text, () -> texts().contains(text));
    }

    // ---- Output of tasks

    @Test
    void whatTasksPrintIsTaggedWithThem() throws Exception {
        RunOptions named =
                RunOptions.builder().name("talk").timeout(PoolUnderTest.WAIT).build();
        pool.runner.map(
                List.of(1, 2),
                n -> {
                    System.out.println("out " + n);
                    System.err.println("err " + n);
                    return n;
                },
                named);
        for (int n = 1; n <= 2; n++) {
            int index = n - 1;
            String out = "out " + n;
            awaitText("err " + n);
            Line line = lines.stream()
                    .filter(one -> one.text().equals(out))
                    .findFirst()
                    .orElseThrow();
            assertEquals("talk #" + index, line.task());
        }
        pool.goesOn();
    }

    @Test
    void aLineWithoutAnEndEndsWithItsTask() throws Exception {
        pool.get(() -> {
            System.out.print("no end");
            System.err.print("no end either");
            return 1;
        });
        awaitText("no end");
        awaitText("no end either");
        pool.goesOn();
    }

    @Test
    void aFloodArrivesInOrder() throws Exception {
        int count = 20_000;
        pool.get(() -> {
            for (int i = 0; i < count; i++) {
                System.out.println("line " + i);
            }
            return 1;
        });
        awaitText("line " + (count - 1));
        assertEquals(IntStream.range(0, count).mapToObj(i -> "line " + i).toList(), texts());
        pool.goesOn();
    }

    @Test
    void aLineOf100MegabytesComesInPiecesAndNeedsNoMemory() throws Exception {
        pool.get(() -> {
            byte[] chunk = new byte[CHUNK_BYTES];
            Arrays.fill(chunk, (byte) 'x');
            for (int written = 0; written < LINE_BYTES; written += chunk.length) {
                System.out.write(chunk, 0, chunk.length);
            }
            return 1;
        });
        pool.get(() -> {
            System.out.println("after the long line");
            return 1;
        });
        pool.goesOn();
        // Some output may have been dropped, if the listener was too slow.
        await(() -> chars.get() > LINE_BYTES / 100);
        assertTrue(longest.get() <= MAX_PIECE, () -> "a piece of " + longest);
    }

    @Test
    void aListenerThatIsStuckHoldsUpNoTask() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        AtomicLong heard = new AtomicLong();
        pool.bothWorkers();
        try (PoolUnderTest single = new PoolUnderTest(builder().outputListener(printed -> {
            awaitQuietly(release);
            heard.addAndGet(printed.line().length());
        }))) {
            String line = "x".repeat(10_000);
            int bytes = 32 << 20;
            single.get(() -> {
                for (int printed = 0; printed < bytes; printed += line.length()) {
                    System.out.println(line);
                }
                return 1;
            });
            single.goesOn();
            assertEquals(0, heard.get());
            release.countDown();
            await(() -> heard.get() > 0);
            single.goesOn();
        } finally {
            release.countDown();
        }
        assertTrue(heard.get() < 32 << 20, "what did not fit was dropped: " + heard);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- Output past the standard streams

    /** Writes to a descriptor past {@code System.out}, as native code does. */
    private static void writeRaw(FileDescriptor descriptor, byte[] bytes) throws IOException {
        new FileOutputStream(descriptor).write(bytes);
    }

    @Test
    void whatNativeCodePrintsIsTaggedAsProbable(@TempDir Path directory) throws Exception {
        String heard = directory.resolve("heard").toString();
        TaskFuture<Integer> talks = pool.runner.submit(
                () -> {
                    int exit = new ProcessBuilder("sh", "-c", "echo raw; echo raw err >&2")
                            .inheritIO()
                            .start()
                            .waitFor();
                    FaultActions.awaitFile(heard);
                    return exit;
                },
                RunOptions.builder().name("native").build());
        awaitText("raw err");
        Files.createFile(Path.of(heard));
        assertEquals(0, PoolUnderTest.get(talks));
        assertEquals(List.of("raw", "raw err"), texts());
        assertEquals("native #0?", lines.get(0).task());
        assertEquals("native #0?", lines.get(1).task());
        pool.goesOn();
    }

    /** Half of the bytes go to each descriptor. */
    @Test
    void aRawLineOf100MegabytesArrivesWhole() throws Exception {
        for (FileDescriptor which : new FileDescriptor[] {FileDescriptor.out, FileDescriptor.err}) {
            boolean out = which == FileDescriptor.out;
            chars.set(0);
            pool.get(() -> {
                byte[] chunk = new byte[CHUNK_BYTES];
                Arrays.fill(chunk, (byte) 'x');
                for (int written = 0; written < LINE_BYTES / 2; written += chunk.length) {
                    writeRaw(out ? FileDescriptor.out : FileDescriptor.err, chunk);
                }
                writeRaw(FileDescriptor.out, new byte[] {'\n'});
                return 1;
            });
            await(() -> chars.get() == LINE_BYTES / 2);
            assertTrue(longest.get() <= MAX_PIECE, () -> "a piece of " + longest);
        }
        pool.goesOn();
    }

    @Test
    void theJvmsOwnLinesOnStdoutAreLinesLikeOthers() throws Exception {
        pool.bothWorkers();
        forget();
        try (PoolUnderTest single = new PoolUnderTest(
                builder().jvmArgs("-Xlog:gc*:stdout", "-XX:+PrintCommandLineFlags", "-XX:+PrintFlagsFinal"))) {
            single.get(() -> {
                System.gc();
                return 1;
            });
            single.goesOn();
            await(() -> texts().stream().anyMatch(line -> line.contains("Pause Full (System.gc())")));
            assertTrue(texts().stream().anyMatch(line -> line.contains("-XX:MaxHeapSize=")), "the flags");
        }
    }

    @Test
    void aCharacterOfSeveralBytesIsNotCutWhereverItsBytesAreSplit() throws Exception {
        String text = "\u20ac\ud83d\ude00\u00e4";
        pool.get(() -> {
            for (byte one : text.getBytes(UTF_8)) {
                System.out.write(one);
                System.out.flush();
            }
            System.out.println();
            return 1;
        });
        awaitText(text);
        pool.goesOn();
        String encoding =
                System.getProperty("native.encoding", Charset.defaultCharset().name());
        assumeTrue(Charset.forName(encoding).equals(UTF_8), "raw bytes are in the system's encoding: " + encoding);
        String raw = "raw " + text;
        pool.get(() -> {
            for (byte one : (raw + "\n").getBytes(UTF_8)) {
                writeRaw(FileDescriptor.out, new byte[] {one});
            }
            return 1;
        });
        awaitText(raw);
    }

    /** A line of 64 KiB is cut; the character on the edge is not. */
    @Test
    void aCharacterOnTheEdgeOfALongLineIsNotCut() throws Exception {
        String line = "x".repeat(MAX_PIECE - 1) + "\u20ac" + "y".repeat(100);
        List<String> pieces = new CopyOnWriteArrayList<>();
        pool.bothWorkers();
        try (PoolUnderTest single =
                new PoolUnderTest(builder().outputListener(printed -> pieces.add(printed.line())))) {
            single.get(() -> {
                System.out.println(line);
                return 1;
            });
            single.goesOn();
            await(() -> String.join("", pieces).equals(line));
            assertEquals(2, pieces.size());
        }
    }

    @Test
    void stderrThatNobodyReadsFailsTheTaskThatFillsItAndNoOther() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        pool.bothWorkers();
        // The grace leaves time for the stacks, which this test is about, on a busy machine.
        try (PoolUnderTest single = new PoolUnderTest(
                builder().grace(Duration.ofSeconds(2)).outputListener(output -> awaitQuietly(release)))) {
            WorkerLostException lost = single.killedFor(TASK_TIMEOUT.multipliedBy(2), () -> {
                PrintStream raw = new PrintStream(new FileOutputStream(FileDescriptor.err));
                byte[] chunk = "e".repeat(CHUNK_BYTES).getBytes(UTF_8);
                while (!raw.checkError()) {
                    raw.write(chunk);
                }
                return 1;
            });
            assertTrue(lost.getMessage().contains("FileOutputStream.write"), lost::getMessage);
            release.countDown();
            single.goesOn();
        } finally {
            release.countDown();
        }
    }

    @Test
    void theLastWordsOfAWorkerAreBounded() throws Exception {
        WorkerLostException lost = pool.lost(() -> {
            String line = "w".repeat(20_000);
            for (int i = 0; i < 500; i++) {
                System.err.println(line);
            }
            Runtime.getRuntime().halt(4);
            return 1;
        });
        assertEquals(4, lost.exitCode().orElseThrow(), lost::getMessage);
        int chars = lost.stderr().stream().mapToInt(String::length).sum();
        assertTrue(chars > 0 && chars < 100_000, () -> chars + " characters of last words");
    }

    // ---- Bytes that are no frame

    /**
     * Puts a hostile worker in a worker's place. Only the task that it was given may fail, and it must be replaced. Returns the task's
     * exception.
     */
    private Throwable onlyTheFirstFails(HostileWorker.Misbehaviour misbehaviour, Path directory) throws Exception {
        pool.bothWorkers();
        ScriptedJavaHome home = ScriptedJavaHome.brokenOnce(directory, hostile(misbehaviour));
        try (PoolUnderTest single = new PoolUnderTest(builder().javaHome(home.directory))) {
            List<Outcome<Integer, Integer>> outcomes =
                    single.outcomes(PoolUnderTest.numbers(20), n -> n, RunOptions.defaults());
            List<Outcome<Integer, Integer>> failed = new ArrayList<>();
            for (Outcome<Integer, Integer> outcome : outcomes) {
                if (outcome.state() == Outcome.State.SUCCESS) {
                    assertEquals(outcome.input(), outcome.value());
                } else {
                    failed.add(outcome);
                }
            }
            assertEquals(1, failed.size(), failed::toString);
            assertEquals(0, failed.get(0).index());
            single.goesOn();
            return failed.get(0).exception();
        }
    }

    static String hostile(HostileWorker.Misbehaviour misbehaviour) {
        return "exec \"$java\" -Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \"$1\" " + HostileWorker.class.getName()
                + " " + misbehaviour;
    }

    @ParameterizedTest
    @EnumSource(
            value = HostileWorker.Misbehaviour.class,
            names = {
                "SENDS_BAD_MAGIC",
                "SENDS_ANOTHER_VERSION",
                "SENDS_AN_UNKNOWN_TYPE",
                "SENDS_A_PARENTS_FRAME",
                "SENDS_A_NEGATIVE_LENGTH",
                "SENDS_AN_ABSURD_LENGTH",
                "RUINS_ITS_RING"
            })
    void aWorkerThatBreaksTheProtocolIsKilled(HostileWorker.Misbehaviour misbehaviour, @TempDir Path directory)
            throws Exception {
        WorkerLostException lost =
                assertInstanceOf(WorkerLostException.class, onlyTheFirstFails(misbehaviour, directory));
        assertEquals(Reason.PROTOCOL_ERROR, lost.reason(), lost::getMessage);
        String why = switch (misbehaviour) {
            case SENDS_BAD_MAGIC -> "no frame begins with 0x471d";
            case SENDS_ANOTHER_VERSION -> "frame of version 3, this is version 2";
            case SENDS_AN_UNKNOWN_TYPE -> "unknown frame type 99";
            case SENDS_A_PARENTS_FRAME -> "unknown frame type 5";
            case RUINS_ITS_RING -> "the ring of results holds ";
            case SENDS_A_NEGATIVE_LENGTH -> "frame of type 22 and -1 bytes, the limit is 268435456 bytes";
            default -> "frame of type 22 and 2147483647 bytes, the limit is 268435456 bytes";
        };
        assertTrue(lost.getMessage().contains("it broke the protocol: " + why), lost::getMessage);
    }

    @ParameterizedTest
    @EnumSource(
            value = HostileWorker.Misbehaviour.class,
            names = {"SENDS_HALF_A_HEADER", "SENDS_HALF_A_RESULT"})
    void aFrameThatIsCutShortIsNone(HostileWorker.Misbehaviour misbehaviour, @TempDir Path directory) throws Exception {
        WorkerLostException lost =
                assertInstanceOf(WorkerLostException.class, onlyTheFirstFails(misbehaviour, directory));
        assertEquals(Reason.EXITED, lost.reason(), lost::getMessage);
        assertEquals(0, lost.exitCode().orElseThrow(), lost::getMessage);
    }

    @ParameterizedTest
    @EnumSource(
            value = HostileWorker.Misbehaviour.class,
            names = {"IS_HALF_OPEN", "CLOSES_AND_LIVES"})
    void aWorkerThatOutlivesItsChannelIsKilled(HostileWorker.Misbehaviour misbehaviour, @TempDir Path directory)
            throws Exception {
        WorkerLostException lost =
                assertInstanceOf(WorkerLostException.class, onlyTheFirstFails(misbehaviour, directory));
        assertEquals(Reason.PROTOCOL_ERROR, lost.reason(), lost::getMessage);
        assertTrue(lost.getMessage().contains("its channel ended, and it lived on"), lost::getMessage);
    }

    @ParameterizedTest
    @EnumSource(
            value = HostileWorker.Misbehaviour.class,
            names = {"SENDS_A_RESULT_OF_AN_UNKNOWN_KIND", "SENDS_A_RESULT_OF_NOISE", "SENDS_A_FAILURE_OF_NOISE"})
    void aResultThatIsNoneFailsItsTask(HostileWorker.Misbehaviour misbehaviour, @TempDir Path directory)
            throws Exception {
        Throwable failure = onlyTheFirstFails(misbehaviour, directory);
        assertInstanceOf(RemoteTaskException.class, failure);
        assertTrue(failure.getMessage().contains("read"), failure::toString);
    }

    @Test
    void framesAboutUnknownTasksHarmNothing(@TempDir Path directory) throws Exception {
        pool.bothWorkers();
        ScriptedJavaHome home =
                ScriptedJavaHome.brokenOnce(directory, hostile(HostileWorker.Misbehaviour.SPEAKS_OF_UNKNOWN_TASKS));
        try (PoolUnderTest single = new PoolUnderTest(builder().javaHome(home.directory))) {
            List<Outcome<Integer, Object>> outcomes =
                    single.outcomes(PoolUnderTest.numbers(20), n -> n, RunOptions.defaults());
            assertEquals("answer", outcomes.get(0).value());
            for (Outcome<Integer, Object> outcome : outcomes.subList(1, outcomes.size())) {
                assertEquals(outcome.input(), outcome.value(), outcome::toString);
            }
            single.goesOn();
        }
    }
}
