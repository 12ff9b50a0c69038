package dev.brigade.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Outcome;
import dev.brigade.Outcome.State;
import dev.brigade.Outcomes;
import dev.brigade.RetryPolicy;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.TaskFunction;
import dev.brigade.TaskFuture;
import dev.brigade.WorkerLostException;
import dev.brigade.WorkerLostException.Reason;
import dev.brigade.process.Leftovers;
import dev.brigade.runner.ProcessRunner;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.MDC;

/** Tests of functions, contexts, inputs and results that kill their worker or are too large for its heap: no other task fails. */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class FunctionFaultsTest {
    private static final int MIB = 1 << 20;
    private static final int HEAP_BYTES = 32 * MIB;
    private static final int WARM = 1000;
    private static final int DEATHS = 5;

    @BeforeAll
    static void prepare() {
        Leftovers.prepare();
    }

    /** A function that is decoded once, and then halts the next {@code DEATHS} workers that decode it. */
    private static final class KillsOnceDecoded implements TaskFunction<Integer, Integer> {
        private static final long serialVersionUID = 1L;
        private static final int KILLER = 10;
        private final String directory;

        KillsOnceDecoded(Path directory) {
            this.directory = directory.toString();
        }

        @Override
        public Integer apply(Integer n) {
            if (n == KILLER) {
                Runtime.getRuntime().halt(6);
            }
            return n;
        }

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            int decoded = 0;
            while (Files.exists(Path.of(directory, "" + decoded))) {
                decoded++;
            }
            Files.createFile(Path.of(directory, "" + decoded));
            if (decoded >= 1 && decoded <= DEATHS) {
                Runtime.getRuntime().halt(5);
            }
        }
    }

    @Test
    void deathsAfterAFunctionWasDecodedFailOnlyWhatWasTried(@TempDir Path directory) {
        try (PoolUnderTest pool = new PoolUnderTest(ProcessRunner.builder().workers(1))) {
            List<Outcome<Integer, Integer>> outcomes =
                    pool.outcomes(PoolUnderTest.numbers(100), new KillsOnceDecoded(directory), RunOptions.defaults());
            List<Outcome<Integer, Integer>> failed = outcomes.stream()
                    .filter(one -> one.state() != State.SUCCESS)
                    .toList();
            assertEquals(1 + DEATHS, failed.size(), failed::toString);
            assertEquals(100, outcomes.size());
        }
    }

    /** A kill hits any worker, while it starts, decodes or runs a body. Some task succeeds between two kills. */
    @Test
    void workersThatAreKilledOneAfterTheOtherFailOnlyWhatTheyRan() throws Exception {
        Random random = new Random(42);
        List<Outcome<Integer, Integer>> failed = new ArrayList<>();
        int kills = 0;
        try (PoolUnderTest pool = new PoolUnderTest(ProcessRunner.builder().workers(2));
                Outcomes<Integer, Integer> outcomes = pool.runner.mapOutcomes(
                        PoolUnderTest.numbers(1200), FunctionFaultsTest::briefly, RunOptions.defaults())) {
            for (Outcome<Integer, Integer> one : outcomes) {
                if (one.state() != State.SUCCESS) {
                    failed.add(one);
                } else if (one.index() % 40 == 0) {
                    kills += killAWorker(random) ? 1 : 0;
                }
            }
            assertTrue(failed.size() <= kills, kills + " workers were killed, failed have " + failed);
            pool.goesOn();
        }
    }

    private static boolean killAWorker(Random random) {
        List<ProcessHandle> workers = ProcessHandle.current().children().toList();
        return !workers.isEmpty() && workers.get(random.nextInt(workers.size())).destroyForcibly();
    }

    private static Integer briefly(Integer n) throws InterruptedException {
        Thread.sleep(5); // the work
        return n;
    }

    /** Either too large to arrive, or too large to be decoded beside its encoding. */
    @ParameterizedTest
    @ValueSource(ints = {60, 20})
    void aFunctionTooLargeForTheHeapFailsItsCallAlone(int mib) {
        byte[] large = new byte[mib * MIB];
        try (PoolUnderTest pool = small()) {
            WorkerLostException lost = failsAlone(pool, () -> pool.runner.submit(() -> large.length + 0L));
            assertSaysWhatToDo(lost, large.length);
        }
    }

    @Test
    void anInputTooLargeForTheHeapFailsAlone() {
        try (PoolUnderTest pool = small()) {
            TaskFunction<byte[], Integer> function = bytes -> bytes.length;
            List<byte[]> inputs = List.of(new byte[1], new byte[60 * MIB], new byte[2]);
            List<Outcome<byte[], Integer>> outcomes = pool.outcomes(inputs, function, RunOptions.defaults());
            assertEquals(1, outcomes.get(0).value());
            assertEquals(2, outcomes.get(2).value());
            WorkerLostException lost =
                    assertInstanceOf(WorkerLostException.class, outcomes.get(1).exception());
            assertSaysWhatToDo(lost, 60 * MIB);
        }
    }

    @Test
    void aContextTooLargeForTheHeapFailsItsCallAlone() {
        try (PoolUnderTest pool = small()) {
            WorkerLostException lost = failsAlone(pool, () -> {
                MDC.put("large", "x".repeat(60 * MIB));
                try {
                    return pool.runner.submit(() -> 1L);
                } finally {
                    MDC.clear();
                }
            });
            assertSaysWhatToDo(lost, 60 * MIB);
        }
    }

    @Test
    void aResultTooLargeForTheHeapFailsItsCallAlone() {
        try (PoolUnderTest pool = small()) {
            WorkerLostException lost = failsAlone(pool, () -> pool.runner.submit(() -> new byte[60 * MIB]));
            assertSaysWhatToDo(lost, 0);
        }
    }

    @Test
    void aMapWhoseFunctionIsTooLargeIsGivenUpAfterThreeWorkers() {
        byte[] large = new byte[60 * MIB];
        try (PoolUnderTest pool = small()) {
            int tried = 0;
            TaskFunction<Integer, Integer> function = n -> n + large.length;
            for (Outcome<Integer, Integer> one :
                    pool.outcomes(PoolUnderTest.numbers(50), function, RunOptions.defaults())) {
                WorkerLostException lost = assertInstanceOf(WorkerLostException.class, one.exception());
                assertEquals(Reason.OUT_OF_MEMORY, lost.reason());
                tried += lost.getMessage().contains("was not tried") ? 0 : 1;
            }
            assertEquals(3, tried);
        }
    }

    @Test
    void severalFunctionsTooLargeForTheHeapFailOnlyTheirCalls() {
        byte[] large = new byte[60 * MIB];
        RunOptions twice = RunOptions.builder()
                .retry(RetryPolicy.builder().maxAttempts(2).build())
                .build();
        try (PoolUnderTest pool = small()) {
            List<TaskFuture<?>> failing = failAlone(
                    pool,
                    () -> IntStream.range(0, 3)
                            .<TaskFuture<?>>mapToObj(n -> pool.runner.submit(() -> n + large.length, twice))
                            .toList());
            for (TaskFuture<?> one : failing) {
                WorkerLostException lost = assertInstanceOf(WorkerLostException.class, PoolUnderTest.failureOf(one));
                assertSaysWhatToDo(lost, large.length);
            }
        }
    }

    @Test
    void anInitializerTooLargeForTheHeapIsToldWithWhatToDo() {
        byte[] large = new byte[60 * MIB];
        try (Runner runner = ProcessRunner.builder()
                .workers(1)
                .maxHeapBytes(HEAP_BYTES)
                .initializer(() -> large.length)
                .build()) {
            WorkerLostException lost =
                    assertInstanceOf(WorkerLostException.class, PoolUnderTest.failureOf(runner.submit(() -> 1)));
            assertEquals(Reason.NEVER_READY, lost.reason());
            assertTrue(lost.getMessage().contains("maxHeapBytes"), lost::getMessage);
            assertNotEquals(-1, lost.getMessage().indexOf("6291"), lost::getMessage);
        }
    }

    private static WorkerLostException failsAlone(PoolUnderTest pool, Supplier<TaskFuture<?>> failing) {
        List<TaskFuture<?>> futures = failAlone(pool, () -> List.of(failing.get()));
        return assertInstanceOf(WorkerLostException.class, PoolUnderTest.failureOf(futures.get(0)));
    }

    /**
     * Submits the failing tasks beside a map of brief tasks, which runs from before the submission until after their end. No task of the
     * map may fail.
     */
    private static List<TaskFuture<?>> failAlone(PoolUnderTest pool, Supplier<List<TaskFuture<?>>> failing) {
        AtomicReference<List<TaskFuture<?>>> submitted = new AtomicReference<>(List.of());
        Iterable<Integer> untilTheyAreDone = () -> new Iterator<>() {
            private int number;

            @Override
            public boolean hasNext() {
                List<TaskFuture<?>> all = submitted.get();
                return all.isEmpty() || !all.stream().allMatch(TaskFuture::isDone);
            }

            @Override
            public Integer next() {
                return number++;
            }
        };
        RunOptions bounded = RunOptions.builder()
                .timeout(Duration.ofSeconds(90))
                .name("unharmed")
                .build();
        List<Outcome<Integer, Integer>> failed = new ArrayList<>();
        try (Outcomes<Integer, Integer> others = pool.runner.mapOutcomes(untilTheyAreDone, n -> n, bounded)) {
            for (Outcome<Integer, Integer> one : others) {
                if (one.index() == WARM) {
                    submitted.set(failing.get());
                }
                if (one.state() != State.SUCCESS) {
                    failed.add(one);
                }
            }
        }
        assertTrue(
                failed.isEmpty(),
                () -> failed.size() + " failed, the first: " + failed.get(0).exception());
        return submitted.get();
    }

    private static void assertSaysWhatToDo(WorkerLostException lost, int sent) {
        assertEquals(Reason.OUT_OF_MEMORY, lost.reason(), lost::getMessage);
        String message = lost.getMessage();
        assertTrue(message.contains("maxHeapBytes"), message);
        // The first digits alone, since the objects around the array take some bytes, too.
        assertTrue(sent == 0 || message.contains(String.valueOf(sent).substring(0, 4)), message);
    }

    private static PoolUnderTest small() {
        return new PoolUnderTest(ProcessRunner.builder().workers(1).maxHeapBytes(HEAP_BYTES));
    }
}
