package dev.brigade.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.WorkerLostException;
import dev.brigade.runner.ProcessRunner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests of lines that other threads than the body's print, and of lines without an end. Each line is delivered, and put down to its task.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class LastLinesTest {
    private static final RunOptions FIRST = RunOptions.builder().name("first").build();
    private static final RunOptions NEXT = RunOptions.builder().name("next").build();

    private record Line(String text, String task) {}

    private final List<Line> lines = new CopyOnWriteArrayList<>();
    private static volatile CountDownLatch go = new CountDownLatch(1);
    private static volatile Thread left = Thread.currentThread();

    private ProcessRunner.Builder builder() {
        return ProcessRunner.builder()
                .workers(1)
                .outputListener(printed -> lines.add(new Line(printed.line(), printed.task())));
    }

    private PoolUnderTest pool() {
        return new PoolUnderTest(builder());
    }

    /** Leaves a thread in the worker, which prints when the next task lets it. */
    private static int leaveAThread() {
        go = new CountDownLatch(1);
        left = new Thread(() -> {
            try {
                go.await();
                System.out.print("begun, ");
                System.out.println("left over");
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        left.start();
        return 0;
    }

    @Test
    void aLineOfAThreadThatATaskLeftIsNotTheNextTasks() throws Exception {
        try (PoolUnderTest pool = pool()) {
            PoolUnderTest.get(pool.runner.submit(LastLinesTest::leaveAThread, FIRST));
            PoolUnderTest.get(pool.runner.submit(
                    () -> {
                        System.out.print("half of mine");
                        go.countDown();
                        left.join();
                        System.out.println("mine");
                        return 0;
                    },
                    NEXT));
            PoolUnderTest.await(() -> lines.size() == 3);
        }
        assertEquals(
                List.of(
                        new Line("half of mine", "next #0"),
                        new Line("begun, left over", ""),
                        new Line("mine", "next #0")),
                lines);
    }

    @Test
    void aLineOfAThreadThatItsTaskStartedIsItsOwn() throws Exception {
        try (PoolUnderTest pool = pool()) {
            PoolUnderTest.get(pool.runner.submit(
                    () -> {
                        Thread child = new Thread(() -> {
                            Thread grandchild = new Thread(() -> System.out.println("grandchild"));
                            grandchild.start();
                            joinQuietly(grandchild);
                        });
                        child.start();
                        child.join();
                        return 0;
                    },
                    FIRST));
            PoolUnderTest.await(() -> lines.size() == 1);
        }
        assertEquals(List.of(new Line("grandchild", "first #0")), lines);
    }

    private static void joinQuietly(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** As a rule another task has started the threads of the stream's pool. */
    @Test
    void linesOfAParallelStreamAreItsTasks() throws Exception {
        try (PoolUnderTest pool = new PoolUnderTest(builder().jvmArgs("-XX:ActiveProcessorCount=4"))) {
            for (RunOptions options : List.of(FIRST, NEXT)) {
                PoolUnderTest.get(pool.runner.submit(
                        () -> {
                            IntStream.range(0, 200).parallel().forEach(n -> System.out.println("n"));
                            return 0;
                        },
                        options));
            }
            PoolUnderTest.await(() -> lines.size() == 400);
        }
        for (int i = 0; i < 400; i++) {
            String task = lines.get(i).task();
            assertTrue(task.startsWith(i < 200 ? "first #0" : "next #0"), i + ": " + task);
        }
    }

    @Test
    void whatHasNoEndIsALineWhenItsWorkerExits() throws Exception {
        try (PoolUnderTest pool = pool()) {
            Throwable failure = PoolUnderTest.failureOf(pool.runner.submit(
                    () -> {
                        System.out.print("out");
                        System.err.print("why");
                        System.exit(7);
                        return 0;
                    },
                    FIRST));
            WorkerLostException lost = assertInstanceOf(WorkerLostException.class, failure);
            assertEquals(List.of("why"), lost.stderr());
            PoolUnderTest.await(() -> lines.size() == 2);
        }
        assertEquals(List.of(new Line("out", "first #0"), new Line("why", "first #0")), lines);
    }

    /** A thread that a task has left prints the line, while no task runs. */
    @Test
    void whatHasNoEndIsALineWhenItsWorkerIsDismissed(@TempDir Path directory) throws Exception {
        String printed = directory.resolve("printed").toString();
        try (Runner runner = builder().build()) {
            PoolUnderTest.get(runner.submit(() -> {
                new Thread(() -> {
                            System.out.print("at last");
                            touch(printed);
                        })
                        .start();
                return 0;
            }));
            PoolUnderTest.await(() -> Files.exists(Path.of(printed)));
        }
        assertEquals(List.of("at last"), lines.stream().map(Line::text).toList());
    }

    private static void touch(String file) {
        try {
            Files.createFile(Path.of(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
