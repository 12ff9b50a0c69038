package dev.brigade.process.scheduling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests that the simulation can fail: it finds each of these mistakes in the state machine. */
final class PoolStateMutantsTest {
    private static final Path SOURCES = Path.of("src/main/java/dev/brigade/process/scheduling");
    private static final int STEPS = 400;
    private static final int MAX_SCHEDULES = 400;

    /** A mistake: what the simulation says of it, a class, a piece of its source, and the text in its place. */
    record Mutant(String name, String found, String type, String original, String instead) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Mutant> mutants() {
        return Stream.of(
                inState(
                        "a stop does not wake the event loop",
                        "the end of the grace is due",
                        "actions.add(wakeup);\n        });\n    }\n\n    /**\n     * Ends",
                        "});\n    }\n\n    /**\n     * Ends"),
                inState(
                        "the event loop does not know of a start",
                        "its start is due",
                        "actions.add(wakeup); // the event loop watches",
                        "// the event loop watches"),
                inState(
                        "a close does not wake the event loop",
                        "its exit is due",
                        "actions.add(wakeup); // a close comes",
                        "// a close comes"),
                new Mutant(
                        "what is left to the event loop is not done",
                        "settled and queued, or neither",
                        "ActionQueue",
                        "loop.execute(this::resume)",
                        "loop.execute(() -> {})"),
                inState(
                        "a slot is freed at the kill",
                        "settled and queued, or neither",
                        "worker.killedFor = reason;",
                        "worker.killedFor = reason;\n            freeSlot(worker);"),
                inState(
                        "a worker is told to exit with work left",
                        "leaves with work",
                        "if (worker.queue.isEmpty()) {\n                requestExit(worker, now);\n            }\n        } else",
                        "requestExit(worker, now);\n        } else"),
                inState(
                        "what a dead worker had is forgotten",
                        "settled and queued, or neither",
                        "                giveBack(attempt, worker);\n            }\n        }\n        if (blamed",
                        "            }\n        }\n        if (blamed"),
                inState(
                        "a batch that cannot go on holds up the others",
                        "are to come",
                        "worker == null && starved) {",
                        "worker == null) {"),
                inState(
                        "tasks overtake each other at a worker",
                        "the order of frames",
                        "worker.queue.addLast(attempt);",
                        "worker.queue.addFirst(attempt);"),
                inState(
                        "an end is not told",
                        "settled and queued, or neither",
                        "actions.add(attempt);\n        unqueue(attempt, worker);",
                        "unqueue(attempt, worker);"),
                inState(
                        "a start is told after the end",
                        "started]",
                        "actions.add(attempt);\n        unqueue(attempt, worker);",
                        "actions.add(attempt);\n        actions.add(new Started(attempt, worker.name()));\n        unqueue(attempt, worker);"),
                inState(
                        "nobody is killed at the end of the grace",
                        "does not come to rest",
                        "kill(worker, Reason.KILLED, \"its task ignored its end for \" + Duration.ofNanos(limits.graceNanos()));",
                        ""),
                inState(
                        "a worker that never gets ready is not killed",
                        "does not come to rest",
                        "kill(worker, Reason.NEVER_READY, \"it was not ready within \" + within);",
                        ""),
                inState(
                        "an idle worker stays for ever",
                        "does not come to rest",
                        "if (left <= 0) {\n                requestExit(worker, now);\n            }\n            return left;",
                        "return left;"),
                inState(
                        "the clock never rests",
                        "does not come to rest",
                        "return Math.min(next, polling.nextNanos(news));",
                        "return Math.min(0, polling.nextNanos(news));"),
                inState(
                        "all that a dead worker had is blamed",
                        "which had not begun it",
                        "                giveBack(attempt, worker);\n            }\n        }\n        if (blamed",
                        "                blame(attempt, worker, exit);\n            }\n        }\n        if (blamed"),
                new Mutant(
                        "the task that ended its worker runs again",
                        "and that has not failed",
                        "BlameResolver",
                        "return begun.begun || worker.killedFor == null ? begun : null;",
                        "return null;"),
                new Mutant(
                        "the head is blamed at once",
                        "which had not begun it",
                        "BlameResolver",
                        "private static final int MAX_UNEXPLAINED = 3;",
                        "private static final int MAX_UNEXPLAINED = 1;"),
                inState(
                        "only a worker's first function is sent",
                        "has no function for task",
                        "boolean withFunction = !worker.functions.contains(attempt.batch.id);",
                        "boolean withFunction = worker.functions.isEmpty();"),
                new Mutant(
                        "a context is not sent",
                        "has no context for batch",
                        "PoolBatch",
                        "return context == null\n",
                        "return withFunction\n"),
                inState(
                        "workers are started one by one",
                        "are to come",
                        "int wanted = wantedWorkers(slots.length);",
                        "int wanted = Math.min(1, wantedWorkers(slots.length));"),
                inState("nothing is recalled", "the recall of", "            recallHalf(fullest);\n", ""),
                new Mutant(
                        "nobody looks for results without a doorbell",
                        "nobody looks for them",
                        "PollBackoff",
                        "return needed ? nanos : PoolState.NEVER_NANOS;",
                        "return PoolState.NEVER_NANOS;"),
                inState(
                        "the end of memory for one task breaks the pool",
                        "the pool broke",
                        "            endWaiting(attempt, e); // nothing of it has been sent\n            return;",
                        "            throw e;"),
                inState(
                        "a broken pool forgets what waits",
                        "waiting: counted",
                        "            abandonAll(batch.waiting);\n",
                        ""),
                inState(
                        "a close forgets what waits",
                        "never settled",
                        "batch.waiting.toList().forEach(attempt -> endWaiting(attempt, null));",
                        ""),
                inState(
                        "a worker that leaves is never gone",
                        "is reaped and there",
                        "        removeLeaving(worker);\n        worker.state",
                        "        worker.state"),
                inState(
                        "a worker that was killed before its launch lives on",
                        "reaped 0 times",
                        "                actions.add(new Kill(worker));\n            }\n        });",
                        "            }\n        });"),
                inState(
                        "what comes back is counted no more",
                        "waits beside an idle",
                        "attempt.phase = Phase.WAITING;\n        waitingAttempts++;",
                        "attempt.phase = Phase.WAITING;"),
                inState(
                        "the next task at a worker does not begin",
                        "its first task has not begun",
                        "        beginHead(worker, now);\n        if (worker.state == State.RETIRING",
                        "        if (worker.state == State.RETIRING"),
                inState(
                        "a grace has no end",
                        "the end of the grace is due",
                        "            return left;\n        }\n        if (head == null && limits",
                        "            return NEVER_NANOS;\n        }\n        if (head == null && limits"),
                new Mutant(
                        "a batch is at more workers than it may",
                        "its limit is",
                        "PoolBatch",
                        "return slotsUsed < limit || atSlot[slot] > 0;",
                        "return true;"),
                new Mutant(
                        "a worker that dies is given more",
                        "after its end",
                        "WorkerRecord",
                        "return killedFor != null || exiting || ended || disconnected;",
                        "return killedFor != null || exiting;"),
                new Mutant(
                        "bytes are not given back",
                        "bytes counted",
                        "PoolState",
                        "worker.queuedBytes -= attempt.sentBytes;",
                        ""));
    }

    private static Mutant inState(String name, String found, String original, String instead) {
        return new Mutant(name, found, "PoolState", original, instead);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mutants")
    void isFound(Mutant mutant, @TempDir Path directory) throws Exception {
        compile(mutant, directory);
        Throwable failure = firstFailure(directory);
        assertNotNull(failure, () -> "nothing was wrong in " + MAX_SCHEDULES + " schedules of " + STEPS + " steps");
        assertInstanceOf(AssertionError.class, failure);
        assertTrue(String.valueOf(failure.getMessage()).contains(mutant.found), failure::toString);
    }

    /** The loader of the mutants finds nothing by itself. */
    @Test
    void withoutAMistakeNothingIsFound(@TempDir Path directory) throws Exception {
        assertNull(firstFailure(directory));
    }

    /** Plays schedules with the classes of that directory in place of the originals, and returns the first failure; null for none. */
    private static @Nullable Throwable firstFailure(Path directory) throws ReflectiveOperationException {
        Class<?> schedule = new MutantLoader(directory).loadClass(PoolSimulation.Schedule.class.getName());
        var of = schedule.getDeclaredMethod("of", long.class, int.class);
        var failure = schedule.getDeclaredMethod("failure");
        of.setAccessible(true);
        failure.setAccessible(true);
        for (long seed = 1; seed <= MAX_SCHEDULES; seed++) {
            Object found = failure.invoke(of.invoke(null, seed, STEPS));
            if (found != null) {
                return (Throwable) found;
            }
        }
        return null;
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
