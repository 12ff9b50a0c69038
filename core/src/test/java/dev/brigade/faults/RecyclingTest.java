package dev.brigade.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.brigade.RunOptions;
import dev.brigade.runner.ProcessRunner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that only live objects cause a worker to be replaced, even if the JVM's options change or disable explicit collections. */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class RecyclingTest {
    private static final int MIB = 1 << 20;
    private static final int TASKS = 12;
    private static final List<byte[]> LEAK = new ArrayList<>();

    private static PoolUnderTest pool(String... jvmArgs) {
        return new PoolUnderTest(ProcessRunner.builder()
                .workers(1)
                .maxHeapBytes(192 * MIB)
                .maxLiveHeapBytes(24 * MIB)
                .jvmArgs(jvmArgs));
    }

    /** Returns the number of workers that {@code TASKS} tasks take, each of which makes 40 MiB of garbage. */
    private static int workersForGarbage(PoolUnderTest pool) {
        Set<Long> pids = new HashSet<>();
        pool.outcomes(PoolUnderTest.numbers(TASKS), n -> garbage(), RunOptions.defaults())
                .forEach(one -> pids.add(one.value()));
        return pids.size();
    }

    private static long garbage() {
        byte[][] garbage = new byte[40][MIB];
        return garbage.length == 0 ? 0 : ProcessHandle.current().pid();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-XX:+DisableExplicitGC",
                "-XX:+UseG1GC -XX:+DisableExplicitGC",
                "-XX:+UseG1GC -XX:+ExplicitGCInvokesConcurrent",
                "-XX:+UseParallelGC -XX:+DisableExplicitGC",
                "-XX:+UseShenandoahGC -XX:+DisableExplicitGC",
                "-XX:+UseZGC -XX:+DisableExplicitGC",
                "-XX:+UseZGC"
            })
    void garbageIsNotTakenForLive(String options) throws Exception {
        try (PoolUnderTest pool = pool(options.split(" ", -1))) {
            assumeTrue(starts(options), "this JDK has no such collector");
            assertEquals(1, workersForGarbage(pool));
            pool.goesOn();
        }
    }

    /** Returns true if this JDK starts with the options; some JDKs have no Shenandoah. */
    private static boolean starts(String options) throws Exception {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of(options.split(" ", -1)));
        command.add("-version");
        return new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }

    @Test
    void garbageIsNotTakenForLiveWhereAFileHasTheOptions(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("options"), "-XX:+DisableExplicitGC\n");
        try (PoolUnderTest pool = pool("@" + file)) {
            assertEquals(1, workersForGarbage(pool));
        }
        try (PoolUnderTest pool = pool("-XX:VMOptionsFile=" + file)) {
            assertEquals(1, workersForGarbage(pool));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"-XX:+DisableExplicitGC", "-XX:+UseG1GC -XX:+ExplicitGCInvokesConcurrent", "-XX:+UseSerialGC"})
    void aWorkerWithTooMuchThatLivesIsReplaced(String options) {
        try (PoolUnderTest pool = pool(options.split(" ", -1))) {
            Set<Long> pids = new HashSet<>();
            pool.outcomes(PoolUnderTest.numbers(3), n -> leak(), RunOptions.defaults())
                    .forEach(one -> pids.add(one.value()));
            assertTrue(pids.size() > 1, pids::toString);
        }
    }

    private static long leak() {
        LEAK.add(new byte[40 * MIB]);
        return ProcessHandle.current().pid();
    }
}
