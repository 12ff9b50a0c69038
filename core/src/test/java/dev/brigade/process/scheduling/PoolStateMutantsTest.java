package dev.brigade.process.scheduling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests that the simulation can fail: it finds each of these mistakes in the state machine. */
final class PoolStateMutantsTest {
    private static final Path SOURCES = Path.of("src/main/java/dev/brigade/process/scheduling");
    private static final int STEPS = 400;
    private static final int MAX_SCHEDULES = 400;

    /** A mistake: a class, a piece of its source, and the text in its place. */
    record Mutant(String name, String type, String original, String instead) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Mutant> mutants() {
        return Stream.of(
                inState(
                        "a stop does not wake the event loop",
                        "actions.add(wakeup);\n        });\n    }\n\n    /**\n     * Ends",
                        "});\n    }\n\n    /**\n     * Ends"),
                inState(
                        "the event loop does not know of a start",
                        "actions.add(wakeup); // the event loop watches",
                        "// the event loop watches"),
                inState(
                        "a close does not wake the event loop",
                        "actions.add(wakeup); // a close comes",
                        "// a close comes"),
                new Mutant(
                        "what is left to the event loop is not done",
                        "ActionQueue",
                        "loop.execute(this::resume)",
                        "loop.execute(() -> {})"),
                inState(
                        "a slot is freed at the kill",
                        "worker.killedFor = reason;",
                        "worker.killedFor = reason;\n            freeSlot(worker);"),
                inState(
                        "a worker is told to exit with work left",
                        "if (worker.queue.isEmpty()) {\n                requestExit(worker, now);\n            }\n        } else",
                        "requestExit(worker, now);\n        } else"),
                inState(
                        "what a dead worker had is forgotten",
                        "                giveBack(attempt, worker);\n            }\n        }\n        if (blamed",
                        "            }\n        }\n        if (blamed"),
                inState(
                        "a batch that cannot go on holds up the others",
                        "worker == null && starved) {",
                        "worker == null) {"),
                inState(
                        "tasks overtake each other at a worker",
                        "worker.queue.addLast(attempt);",
                        "worker.queue.addFirst(attempt);"),
                inState(
                        "a start is told after the end",
                        "actions.add(attempt);\n        unqueue(attempt, worker);",
                        "unqueue(attempt, worker);"),
                inState(
                        "a close forgets what waits",
                        "batch.waiting.toList().forEach(attempt -> endWaiting(attempt, null));",
                        ""),
                inState(
                        "a worker that leaves is never gone",
                        "        removeLeaving(worker);\n        worker.state",
                        "        worker.state"),
                inState(
                        "a worker that was killed before its launch lives on",
                        "                actions.add(new Kill(worker));\n            }\n        });",
                        "            }\n        });"),
                inState(
                        "what comes back is counted no more",
                        "attempt.phase = Phase.WAITING;\n        waitingAttempts++;",
                        "attempt.phase = Phase.WAITING;"),
                inState(
                        "the next task at a worker does not begin",
                        "        beginHead(worker, now);\n        if (worker.state == State.RETIRING",
                        "        if (worker.state == State.RETIRING"),
                inState(
                        "a grace has no end",
                        "            return left;\n        }\n        if (head == null && limits",
                        "            return NEVER_NANOS;\n        }\n        if (head == null && limits"),
                new Mutant(
                        "a batch is at more workers than it may",
                        "PoolBatch",
                        "return slotsUsed < limit || atSlot[slot] > 0;",
                        "return true;"),
                new Mutant(
                        "a worker that dies is given more",
                        "WorkerRecord",
                        "return killedFor != null || exiting || ended || disconnected;",
                        "return killedFor != null || exiting;"),
                new Mutant("bytes are not given back", "PoolState", "worker.queuedBytes -= attempt.sentBytes;", ""));
    }

    private static Mutant inState(String name, String original, String instead) {
        return new Mutant(name, "PoolState", original, instead);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mutants")
    void isFound(Mutant mutant, @TempDir Path directory) throws Exception {
        compile(mutant, directory);
        Class<?> schedule = new MutantLoader(directory).loadClass(PoolSimulation.Schedule.class.getName());
        var of = schedule.getDeclaredMethod("of", long.class, int.class);
        var failure = schedule.getDeclaredMethod("failure");
        of.setAccessible(true);
        failure.setAccessible(true);
        boolean found = false;
        for (long seed = 1; seed <= MAX_SCHEDULES && !found; seed++) {
            found = failure.invoke(of.invoke(null, seed, STEPS)) != null;
        }
        assertTrue(found, () -> "nothing was wrong in " + MAX_SCHEDULES + " schedules of " + STEPS + " steps");
    }

    private static void compile(Mutant mutant, Path directory) throws IOException {
        String source = Files.readString(SOURCES.resolve(mutant.type + ".java")).replace("\r\n", "\n");
        int at = source.indexOf(mutant.original);
        assertTrue(at >= 0, () -> mutant.type + " has no " + mutant.original);
        assertEquals(at, source.lastIndexOf(mutant.original), () -> "more than one " + mutant.original);
        Path file = directory.resolve(mutant.type + ".java");
        Files.writeString(file, source.replace(mutant.original, mutant.instead));
        int exit = ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-proc:none", "-nowarn", "-d", directory.toString(), file.toString());
        assertEquals(0, exit, "the compiler's exit code");
    }

    /** Loads the package anew, with the mutant in place of the class. */
    private static final class MutantLoader extends ClassLoader {
        private static final String PACKAGE = PoolState.class.getPackageName() + ".";
        private final Path directory;

        MutantLoader(Path directory) {
            super(PoolState.class.getClassLoader());
            this.directory = directory;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith(PACKAGE)) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> known = findLoadedClass(name);
                return known == null ? define(name) : known;
            }
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            String resource = name.replace('.', '/') + ".class";
            Path mutated = directory.resolve(resource);
            try (InputStream in = Files.exists(mutated)
                    ? Files.newInputStream(mutated)
                    : getParent().getResourceAsStream(resource)) {
                assertNotNull(in, name);
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }
}
