package dev.brigade.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Runner;
import dev.brigade.runner.ProcessRunner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests of pools in the workers of pools, up to the permitted depth and beyond it. */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class NestingFaultsTest {
    /** The application, its two workers, and two workers of each of them. */
    private static final int MOST_PROCESSES = 1 + 2 + 4;

    @Test
    void aStaticInitializerThatUsesAPoolForItsOwnLambdaIsToldSo(@TempDir Path directory) throws Exception {
        new ParentJvm(directory).run(StaticPool.Application.class);
        try (Stream<Path> files = Files.list(directory.resolve("tmp"))) {
            long processes = files.filter(file -> file.getFileName().toString().startsWith(StaticPool.TRACE))
                    .count();
            assertTrue(processes >= 3 && processes <= MOST_PROCESSES, processes + " processes ran it");
        }
    }

    /** Returns the depth that is reached, in processes; each process makes its own pool. */
    private static int descend(int levels, int maxNesting) throws Exception {
        if (levels == 0) {
            return 0;
        }
        try (Runner runner =
                ProcessRunner.builder().workers(1).maxNesting(maxNesting).build()) {
            return 1 + PoolUnderTest.get(runner.submit(() -> descend(levels - 1, maxNesting)));
        }
    }

    @Test
    void poolsNestToTheDepthThatIsAllowed() throws Exception {
        assertEquals(2, descend(2, 2));
        assertEquals(3, descend(3, 3));
    }

    @Test
    void aPoolTooDeepIsRefusedWithWhatToDo() {
        Throwable failure = assertThrows(ExecutionException.class, () -> descend(2, 1));
        IllegalStateException refused = assertInstanceOf(IllegalStateException.class, root(failure));
        String message = refused.getMessage();
        assertTrue(message.contains("at depth 1"), message);
        assertTrue(message.contains("maxNesting") && message.contains("TaskContext.current().runner()"), message);
    }

    private static Throwable root(Throwable failure) {
        return failure.getCause() == null ? failure : root(failure.getCause());
    }

    @Test
    void aDepthOutsideItsBoundsIsRefused() {
        ProcessRunner.Builder none = ProcessRunner.builder().maxNesting(0);
        String message =
                assertThrows(IllegalArgumentException.class, none::build).getMessage();
        assertTrue(message.contains("maxNesting must be between 1 and 16"), message);
    }
}
