package dev.brigade.faults;

import static dev.brigade.faults.PoolUnderTest.WAIT;
import static dev.brigade.faults.PoolUnderTest.numbers;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.OperatingSystemMXBean;
import dev.brigade.Outcome;
import dev.brigade.Outcomes;
import dev.brigade.RunOptions;
import dev.brigade.TaskFunction;
import dev.brigade.TaskFuture;
import dev.brigade.process.Leftovers;
import dev.brigade.runner.ProcessRunner;
import java.io.IOException;
import java.io.Serializable;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests that heavy use leaves the parent and its workers as they were. */
@Timeout(value = 60, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ResourceFaultsTest {
    private static final int TASKS = Soak.times(3_000, 100_000);
    private static final int RESTARTS = Soak.times(12, 1_000);
    private static final int WINDOW = 50;
    private static final long MIB = 1024 * 1024;

    /** The resources that a process uses, after a collection. */
    private record Usage(int descriptors, int threads, long directBytes, long heapBytes, int files)
            implements Serializable {
        private static final long serialVersionUID = 1L;

        static Usage now() {
            System.gc();
            return new Usage(
                    Leftovers.openDescriptors(), Thread.getAllStackTraces().size(), direct(), heap(), poolFiles());
        }

        private static long direct() {
            return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                    .filter(pool -> pool.getName().equals("direct"))
                    .mapToLong(BufferPoolMXBean::getMemoryUsed)
                    .sum();
        }

        private static long heap() {
            return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        }

        /**
         * Counts the files in the directories of this process's pools or, in a worker, of its parent's. Other builds have directories of
         * their own.
         */
        private static int poolFiles() {
            int count = 0;
            try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
                for (Path directory : all.filter(Usage::isPools).toList()) {
                    String[] names = directory.toFile().list();
                    count += names == null ? 0 : names.length;
                }
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
            return count;
        }

        private static boolean isPools(Path file) {
            ProcessHandle self = ProcessHandle.current();
            return Stream.concat(Stream.of(self), self.parent().stream())
                    .anyMatch(owner -> file.getFileName().toString().startsWith("brigade-" + owner.pid() + "-"));
        }

        /** Threads, descriptors and buffers come and go by a few; a leak would show by the hundred. */
        void assertNoMoreThan(Usage before) {
            assertTrue(descriptors <= before.descriptors + 8, () -> this + ", before: " + before);
            assertTrue(threads <= before.threads + 4, () -> this + ", before: " + before);
            assertTrue(directBytes <= before.directBytes + MIB, () -> this + ", before: " + before);
            assertTrue(heapBytes <= before.heapBytes + 8 * MIB, () -> this + ", before: " + before);
            assertTrue(files <= before.files + 2, () -> this + ", before: " + before);
        }
    }

    private static void assertFlat(String what, Usage before) {
        Awaitility.await().atMost(WAIT).untilAsserted(() -> Usage.now().assertNoMoreThan(before));
        System.out.println(what + ": " + before + " -> " + Usage.now());
    }

    /** Submits each task by a call of its own. One result in eight is large. */
    private static void submitMany(PoolUnderTest pool, int tasks) throws Exception {
        ArrayDeque<TaskFuture<byte[]>> window = new ArrayDeque<>();
        for (int i = 0; i < tasks; i++) {
            int bytes = i % 8 == 0 ? 20_000 : 1;
            window.add(pool.runner.submit(() -> new byte[bytes]));
            if (window.size() == WINDOW) {
                assertTrue(PoolUnderTest.get(window.remove()).length > 0);
            }
        }
        while (!window.isEmpty()) {
            assertTrue(PoolUnderTest.get(window.remove()).length > 0);
        }
    }

    @Test
    void thousandsOfTasksLeaveTheParentAsItWas() throws Exception {
        try (PoolUnderTest pool = new PoolUnderTest(ProcessRunner.builder().workers(2))) {
            submitMany(pool, TASKS / 10);
            pool.goesOn();
            Usage before = Usage.now();
            submitMany(pool, TASKS / 2);
            List<Integer> inputs = numbers(TASKS / 2);
            assertEquals(inputs, pool.runner.map(inputs, n -> n));
            assertFlat(TASKS + " tasks, the parent", before);
        }
    }

    @Test
    void thousandsOfTasksLeaveTheirWorkerAsItWas() throws Exception {
        try (PoolUnderTest pool =
                new PoolUnderTest(ProcessRunner.builder().workers(1).outputListener(output -> {}))) {
            submitMany(pool, TASKS / 10);
            long pid = pool.pid();
            Usage before = pool.get(Usage::now);
            submitMany(pool, TASKS / 2);
            TaskFunction<Integer, Integer> talks = n -> {
                System.out.println(n);
                return n;
            };
            assertEquals(numbers(TASKS / 2), pool.runner.map(numbers(TASKS / 2), talks));
            pool.get(Usage::now).assertNoMoreThan(before);
            System.out.println(TASKS + " tasks, their worker: " + before + " -> " + pool.get(Usage::now));
            assertEquals(pid, pool.pid());
        }
    }

    @Test
    void restartsLeaveTheParentAsItWas() throws Exception {
        try (PoolUnderTest pool = new PoolUnderTest(ProcessRunner.builder().workers(2))) {
            assertEquals(4, restart(pool, 4));
            pool.goesOn();
            Usage before = Usage.now();
            assertEquals(RESTARTS, restart(pool, RESTARTS));
            pool.goesOn();
            assertFlat(RESTARTS + " restarts", before);
        }
    }

    /** Runs tasks of which every second ends its worker. Returns the number of tasks that were lost. */
    private static int restart(PoolUnderTest pool, int times) {
        TaskFunction<Integer, Integer> function = n -> {
            if (n % 2 == 0) {
                Runtime.getRuntime().halt(1);
            }
            return n;
        };
        int lost = 0;
        try (Outcomes<Integer, Integer> outcomes =
                pool.runner.mapOutcomes(numbers(2 * times), function, RunOptions.defaults())) {
            for (Outcome<Integer, Integer> outcome : outcomes) {
                assertEquals(outcome.input() % 2 == 1, outcome.isSuccess(), outcome::toString);
                lost += outcome.isSuccess() ? 0 : 1;
            }
        }
        return lost;
    }

    // ---- live heap

    private static final List<byte[]> LEAK = new ArrayList<>();

    /** The heap is measured once a second at most, so it takes some tasks until the leak is noticed. */
    @Test
    void aWorkerThatLeaksIsReplaced() throws Exception {
        try (PoolUnderTest pool = new PoolUnderTest(
                ProcessRunner.builder().workers(1).maxHeapBytes(1024 * MIB).maxLiveHeapBytes(24 * MIB))) {
            Set<Long> pids = new HashSet<>();
            int tasks = 0;
            while (pids.size() < 3 && tasks < 500) {
                tasks++;
                pids.add(pool.get(() -> {
                    LEAK.add(new byte[(int) MIB]);
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
                    return ProcessHandle.current().pid();
                }));
            }
            assertEquals(3, pids.size(), tasks + " tasks that leaked 1 MiB each");
            assertTrue(tasks > 2 * 20, "a worker was replaced for less than the limit: " + tasks);
            pool.goesOn();
        }
    }

    @Test
    void aWorkerThatMakesGarbageIsNotReplaced() throws Exception {
        try (PoolUnderTest pool = new PoolUnderTest(
                ProcessRunner.builder().workers(1).maxHeapBytes(96 * MIB).maxLiveHeapBytes(24 * MIB))) {
            Set<Long> pids = new HashSet<>(pool.runner.map(numbers(200), n -> {
                byte[][] garbage = new byte[8][(int) MIB];
                return garbage.length == 0 ? 0 : ProcessHandle.current().pid();
            }));
            assertEquals(1, pids.size(), pids::toString);
            pool.goesOn();
        }
    }

    // ---- the machine

    @Test
    void allWorkersTogetherFitIntoTheMachine() throws Exception {
        OperatingSystemMXBean machine = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        for (int workers : new int[] {2, 16}) {
            try (PoolUnderTest pool = new PoolUnderTest(ProcessRunner.builder().workers(workers))) {
                long heapBytes = pool.get(() -> Runtime.getRuntime().maxMemory());
                assertTrue(workers * heapBytes <= machine.getTotalMemorySize() * 8 / 10, heapBytes + " bytes each");
                int processors = pool.get(() -> Runtime.getRuntime().availableProcessors());
                int all = Runtime.getRuntime().availableProcessors();
                assertTrue(workers * processors <= Math.max(all, workers), processors + " processors each");
                // This collector has one thread. Others have as many as there are cores, in every worker.
                assertEquals(
                        "MarkSweepCompact",
                        pool.get(() -> ManagementFactory.getGarbageCollectorMXBeans()
                                .get(1)
                                .getName()));
            }
        }
    }
}
