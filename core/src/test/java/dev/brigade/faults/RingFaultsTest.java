package dev.brigade.faults;

import static dev.brigade.faults.PoolUnderTest.WAIT_SECONDS;
import static dev.brigade.faults.PoolUnderTest.numbers;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.brigade.Outcome;
import dev.brigade.RunOptions;
import dev.brigade.runner.ProcessRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Tests of results in the ring, the memory that a worker shares with its parent, beside results on the socket. */
@EnabledOnOs(OS.LINUX)
@Timeout(value = 2 * WAIT_SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class RingFaultsTest {
    private static final int LARGE = 20_000;
    private static final int TASKS = 2_000;

    /** Returns the files of the rings of this worker's pool. */
    private static List<Path> rings() throws IOException {
        long parent = ProcessHandle.current().parent().orElseThrow().pid();
        try (Stream<Path> pools = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return pools.filter(pool -> pool.getFileName().toString().startsWith("brigade-" + parent + "-"))
                    .flatMap(pool -> Stream.of(pool.toFile().listFiles()))
                    .filter(file -> file.getName().startsWith("ring-"))
                    .map(java.io.File::toPath)
                    .toList();
        }
    }

    @Test
    void noTaskFindsTheRingsFile() throws Exception {
        try (PoolUnderTest pool = new PoolUnderTest(ProcessRunner.builder().workers(2))) {
            pool.bothWorkers();
            assertEquals(
                    List.of(),
                    pool.get(() -> rings().stream().map(Path::toString).toList()));
            pool.goesOn();
        }
    }

    /** Large results, and results of tasks that print, take the socket; marks in the ring keep their places. */
    @Test
    void resultsThatTakeTheSocketKeepTheirPlaces() throws Exception {
        List<String> lines = new CopyOnWriteArrayList<>();
        try (PoolUnderTest pool = new PoolUnderTest(ProcessRunner.builder()
                .workers(2)
                .outputListener(printed -> lines.add(printed.task() + " " + printed.line())))) {
            RunOptions named = RunOptions.builder().name("mixed").build();
            List<Outcome<Integer, Object>> outcomes = pool.outcomes(
                    numbers(TASKS),
                    n -> {
                        if (n % 97 == 0) {
                            System.out.println("n=" + n);
                        }
                        return n % 10 == 3 ? new byte[LARGE] : (Object) n;
                    },
                    named);
            for (Outcome<Integer, Object> outcome : outcomes) {
                Object value = outcome.get();
                assertEquals(outcome.input(), value instanceof byte[] ? outcome.input() : value);
                assertEquals(outcome.input() % 10 == 3, value instanceof byte[]);
            }
            assertEquals(TASKS, outcomes.size());
            pool.goesOn();
        }
        assertEquals(TASKS / 97 + 1, lines.size(), lines::toString);
        for (String line : lines) {
            String number = line.substring(line.indexOf('=') + 1);
            assertEquals("mixed #" + number + " n=" + number, line);
        }
    }

    /** The ring holds 64 KiB, and the small results take 1 MiB: the worker waits for its parent, and no result is lost. */
    @Test
    void moreSmallResultsThanTheRingHoldsAllArrive() throws Exception {
        try (PoolUnderTest pool = new PoolUnderTest(ProcessRunner.builder().workers(1))) {
            List<byte[]> results = pool.runner.map(numbers(300), n -> new byte[3500 + n]);
            for (int i = 0; i < results.size(); i++) {
                assertEquals(3500 + i, results.get(i).length);
            }
            pool.goesOn();
        }
    }
}
