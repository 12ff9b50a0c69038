package dev.brigade.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The packaged jar, run as a user runs it, in a process of its own; and nothing is left over of it. */
@Timeout(600)
class JarIT {
    private static final Path JAR = Path.of(Objects.requireNonNull(System.getProperty("brigade.jar")));
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    @TempDir
    Path directory = Path.of("");

    /** Every process that was ever seen under a jar that a test started. */
    private final Set<ProcessHandle> seen = ConcurrentHashMap.newKeySet();

    @Test
    void allRunsEveryLessonAndWritesItsFigures() throws Exception {
        Files.writeString(Files.createDirectory(directory.resolve("files")).resolve("abc"), "abc");
        Path json = directory.resolve("figures.json");
        Path page = directory.resolve("report.html");
        Process all = start(
                "all",
                "--scale",
                "0.02",
                "--dir",
                directory.resolve("files").toString(),
                "--json",
                json.toString(),
                "--report",
                page.toString());
        String out = finish(all);
        assertEquals(0, all.exitValue(), out);
        List<Figure> figures = LessonJson.read(json);
        for (String lesson : List.of("base", "cpu-example", "share", "share2", "digest")) {
            assertTrue(LessonJson.value(figures, lesson, "threads", "wall") > 0, lesson);
        }
        assertTrue(LessonJson.value(figures, "mp", "processes", "startup") > 0);
        assertEquals(1, LessonJson.value(figures, "as", "async", "threads"));
        assertEquals(5, LessonJson.value(figures, "crash", "processes", "answers halt"));
        assertTrue(LessonJson.value(figures, "timeout", "processes", "reported") >= 0.3);
        String html = Files.readString(page);
        for (String lesson : List.of(
                "base",
                "cpu-example",
                "gil",
                "mp",
                "share",
                "share2",
                "interleave",
                "as",
                "virtual",
                "timeout",
                "crash",
                "pipeline",
                "digest")) {
            assertTrue(html.contains(">" + lesson + "</h2>"), lesson);
        }
        assertNothingIsLeft();
    }

    @Test
    void aWorkerKilledFromOutsideLosesItsTaskAlone() throws Exception {
        Process mp = start("mp", "--tasks", "6", "--limit", "600_000_000", "--workers", "2");
        ProcessHandle victim = aBusyWorker(mp);
        assertTrue(victim.destroyForcibly(), "the worker cannot be killed");
        String out = finish(mp);
        assertEquals(1, mp.exitValue(), out);
        assertTrue(out.contains("5 of 6 answers are right"), out);
        assertTrue(out.contains("WorkerLostException"), out);
        assertNothingIsLeft();
    }

    @Test
    void wrongArgumentsExitWith2() throws Exception {
        Process wrong = start("base", "--tasks", "0");
        String out = finish(wrong);
        assertEquals(2, wrong.exitValue(), out);
        assertEquals("", out);
    }

    private Process start(String... args) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-jar", JAR.toString()));
        command.addAll(List.of(args));
        return new ProcessBuilder(command)
                .redirectOutput(directory.resolve("out").toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** Waits for the end, and notes every descendant meanwhile. */
    private String finish(Process process) throws Exception {
        long beginNanos = System.nanoTime();
        while (!process.waitFor(20, TimeUnit.MILLISECONDS)) {
            note(process);
            if (System.nanoTime() - beginNanos > PATIENCE.toNanos()) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                fail("still running after " + PATIENCE);
            }
        }
        return Files.readString(directory.resolve("out"));
    }

    /** A worker that has begun to compute: it has used more processor time than a start takes. */
    private ProcessHandle aBusyWorker(Process process) throws Exception {
        long beginNanos = System.nanoTime();
        while (System.nanoTime() - beginNanos < PATIENCE.toNanos()) {
            note(process);
            for (ProcessHandle worker : seen) {
                Duration used = worker.info().totalCpuDuration().orElse(Duration.ZERO);
                if (worker.isAlive() && used.compareTo(Duration.ofSeconds(1)) > 0) {
                    return worker;
                }
            }
            process.waitFor(20, TimeUnit.MILLISECONDS);
        }
        return fail("no worker was seen at work; output: " + Files.readString(directory.resolve("out")));
    }

    private void note(Process process) {
        try (Stream<ProcessHandle> descendants = process.descendants()) {
            descendants.forEach(seen::add);
        }
    }

    private void assertNothingIsLeft() throws Exception {
        assertTrue(seen.size() >= 2, "too few worker processes were seen: " + seen);
        for (ProcessHandle worker : seen) {
            worker.onExit().get(10, TimeUnit.SECONDS);
        }
    }
}
