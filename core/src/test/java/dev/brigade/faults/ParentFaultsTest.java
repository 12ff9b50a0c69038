package dev.brigade.faults;

import static dev.brigade.faults.PoolUnderTest.WAIT_SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.brigade.WorkerChannel;
import dev.brigade.process.Leftovers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests that workers, and the processes that their tasks have started, end with a parent that does not close its pool. */
@Timeout(value = 2 * WAIT_SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ParentFaultsTest {
    private static final Duration PARENT_GONE_BOUND = Duration.ofSeconds(2);

    @BeforeAll
    static void prepare() {
        Leftovers.prepare();
    }

    /** A debugger or a long collection stops a parent in this way. Workers look after their parent every half second. */
    @Test
    void workersStayWithAParentThatIsStopped(@TempDir Path directory) throws Exception {
        try (ParentUnderTest parent = new ParentUnderTest(WorkerChannel.UNIX, false, directory)) {
            PosixSignals.send("STOP", parent.pid());
            Thread.sleep(1600); // nothing is to happen meanwhile
            PosixSignals.send("CONT", parent.pid());
            assertEquals(parent.processes(), parent.askForWorkers());
            parent.tell("exit");
            assertEndsCleanly(parent, 0, directory);
        }
    }

    @ParameterizedTest
    @CsvSource({"UNIX, false", "TCP, true"})
    void workersAndWhatTheyStartedEndWithAParentThatIsKilled(
            WorkerChannel channel, boolean busy, @TempDir Path directory) throws Exception {
        try (ParentUnderTest parent = new ParentUnderTest(channel, busy, directory)) {
            PosixSignals.send("KILL", parent.pid());
            parent.awaitExit();
            awaitAllGone(parent);
            PoolUnderTest.await(
                    "the directory's end", () -> poolFiles(directory).isEmpty());
        }
    }

    /** The removal fails, as it may if another worker removes the directory first. */
    @Test
    void whatTasksStartedEndsAlsoWhereTheDirectoryCannotBeRemoved(@TempDir Path directory) throws Exception {
        try (ParentUnderTest parent = new ParentUnderTest(WorkerChannel.UNIX, true, directory)) {
            for (Path pool : poolFiles(directory)) {
                Files.createDirectories(pool.resolve("stray").resolve("in"));
            }
            PosixSignals.send("KILL", parent.pid());
            parent.awaitExit();
            awaitAllGone(parent);
        }
    }

    @ParameterizedTest
    @CsvSource({"UNIX, TERM", "TCP, HUP"})
    void aParentThatIsToldToEndLeavesNothing(WorkerChannel channel, String signal, @TempDir Path directory)
            throws Exception {
        try (ParentUnderTest parent = new ParentUnderTest(channel, true, directory)) {
            PosixSignals.send(signal, parent.pid());
            assertEndsCleanly(parent, signal.equals("TERM") ? 143 : 129, directory);
        }
    }

    /** A terminal sends SIGINT to the workers, too, and perhaps to them first. */
    @ParameterizedTest
    @CsvSource({"TCP, false", "UNIX, true"})
    void aParentInterruptedFromTheTerminalLeavesNothing(WorkerChannel channel, boolean busy, @TempDir Path directory)
            throws Exception {
        try (ParentUnderTest parent = new ParentUnderTest(channel, busy, directory)) {
            PosixSignals.send("INT", -parent.pid());
            assertEndsCleanly(parent, 130, directory);
        }
    }

    @Test
    void aParentThatExitsLeavesNothing(@TempDir Path directory) throws Exception {
        try (ParentUnderTest parent = new ParentUnderTest(WorkerChannel.TCP, true, directory)) {
            parent.tell("exit");
            assertEndsCleanly(parent, 0, directory);
        }
    }

    @Test
    void workersAndWhatTheyStartedEndWithAParentThatHalts(@TempDir Path directory) throws Exception {
        try (ParentUnderTest parent = new ParentUnderTest(WorkerChannel.UNIX, true, directory)) {
            parent.tell("halt");
            assertEquals(0, parent.awaitExit());
            awaitAllGone(parent);
            PoolUnderTest.await(
                    "the directory's end", () -> poolFiles(directory).isEmpty());
        }
    }

    private static void assertEndsCleanly(ParentUnderTest parent, int exitCode, Path directory) throws Exception {
        assertEquals(exitCode, parent.awaitExit());
        awaitAllGone(parent);
        assertEquals(List.of(), parent.remainingOutput());
        assertEquals(List.of(), poolFiles(directory));
    }

    private static List<Path> poolFiles(Path directory) {
        try (Stream<Path> all = Files.list(directory)) {
            return all.filter(file -> file.getFileName().toString().startsWith("brigade-"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void awaitAllGone(ParentUnderTest parent) {
        Awaitility.await()
                .pollInterval(Duration.ofMillis(20))
                .atMost(PARENT_GONE_BOUND)
                .until(() -> parent.processes().stream().allMatch(Leftovers::isGone));
    }
}
