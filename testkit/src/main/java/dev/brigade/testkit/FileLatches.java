package dev.brigade.testkit;

import java.io.File;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Named signals between a test and its bodies, in any process: files of one directory.
 *
 * <p>A signal that was raised stays raised, and each raise is counted. All waits are bounded, and end when the test ends.
 *
 * <p><b>Thread safety</b>: all methods, from any thread of any process of this machine.
 *
 * <p>Design note: each raise makes a file of its own, which is counted, and then the file that marks the signal as raised. If the
 * directory is gone, the test is over.
 */
public final class FileLatches implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final String END = "end";

    /** Pauses between polls grow with the wait, up to this: the longer a wait has been, the less another moment matters to it. */
    private static final long LONGEST_PAUSE_MILLIS = 10;

    private static final long BODIES_WAIT_LONGER = 10;
    private static final int ATTEMPTS_TO_DELETE = 10;

    private final String directory;
    private final long patienceNanos;

    private FileLatches(String directory, long patienceNanos) {
        this.directory = directory;
        this.patienceNanos = patienceNanos;
    }

    /**
     * Makes a new set of signals.
     *
     * @param patience the longest time that a wait takes
     * @return the signals; to be ended with {@link #end()}
     */
    public static FileLatches create(Duration patience) {
        return create(new File(System.getProperty("java.io.tmpdir")), patience);
    }

    /** As {@link #create(Duration)}, in a parent directory that is made if it is missing. */
    static FileLatches create(File parent, Duration patience) {
        try {
            Path made = Files.createDirectories(parent.toPath());
            return new FileLatches(Files.createTempDirectory(made, "signals").toString(), patience.toNanos());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the same signals, for bodies: these wait longer than any test does. */
    FileLatches forBodies() {
        return new FileLatches(directory, patienceNanos * BODIES_WAIT_LONGER);
    }

    /**
     * Raises a signal, once more if it was raised before.
     *
     * @param name letters, digits and hyphens
     */
    public void raise(String name) {
        make(name + "~" + UUID.randomUUID());
        make(name);
    }

    private void make(String file) {
        try {
            Files.createFile(Path.of(directory, file));
        } catch (FileAlreadyExistsException | NoSuchFileException e) {
            return; // raised before, or the test is over
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Returns true if a signal was raised.
     *
     * @param name the signal
     * @return true when it was
     */
    public boolean isRaised(String name) {
        return Files.exists(Path.of(directory, name));
    }

    /**
     * Returns the number of times that a signal was raised.
     *
     * @param name the signal
     * @return the number
     */
    public int count(String name) {
        String[] files = new File(directory).list((where, file) -> file.startsWith(name + "~"));
        return files == null ? 0 : files.length;
    }

    /** Returns the rest of the names of raised signals that have the prefix: bodies report values in them. */
    Set<String> told(String prefix) {
        String[] files = new File(directory).list((where, file) -> file.startsWith(prefix) && !file.contains("~"));
        return files == null
                ? Set.of()
                : Stream.of(files).map(file -> file.substring(prefix.length())).collect(Collectors.toSet());
    }

    /**
     * Returns true if the test is over: a body that still waits for something then ends.
     *
     * @return true when it is
     */
    public boolean isOver() {
        return isRaised(END) || !Files.isDirectory(Path.of(directory));
    }

    /**
     * Waits until a signal is raised.
     *
     * @param name the signal
     * @throws InterruptedException when interrupted meanwhile
     * @throws AssertionError when that does not happen in time
     */
    public void await(String name) throws InterruptedException {
        await("signal " + name, () -> isRaised(name));
    }

    /**
     * Waits until a signal was raised several times.
     *
     * @param name the signal
     * @param times the number of times
     * @throws InterruptedException when interrupted meanwhile
     * @throws AssertionError when that does not happen in time
     */
    public void awaitCount(String name, int times) throws InterruptedException {
        await(times + " times signal " + name, () -> count(name) >= times);
    }

    /**
     * Waits until a condition holds.
     *
     * @param what the condition in words, for the message
     * @param condition the condition, cheap
     * @throws InterruptedException when interrupted meanwhile
     * @throws AssertionError when that does not happen in time
     */
    public void await(String what, BooleanSupplier condition) throws InterruptedException {
        if (!holdsWithin(Duration.ofNanos(patienceNanos), condition)) {
            throw new AssertionError(
                    what + " did not come within " + TimeUnit.NANOSECONDS.toMillis(patienceNanos) + " ms");
        }
    }

    /**
     * Waits as {@link #await(String)} does, and ignores interrupts.
     *
     * @param name the signal
     */
    public void awaitStubbornly(String name) {
        long beginNanos = System.nanoTime();
        boolean interrupted = false;
        while (!isRaised(name) && !isOver() && System.nanoTime() - beginNanos < patienceNanos) {
            try {
                Thread.sleep(pauseMillis(beginNanos));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Waits until a condition holds or a time has passed; also for conditions that should not come to hold.
     *
     * @param time the longest time to wait
     * @param condition the condition
     * @return true if it held, or the test is over
     * @throws InterruptedException when interrupted meanwhile
     */
    public boolean holdsWithin(Duration time, BooleanSupplier condition) throws InterruptedException {
        long beginNanos = System.nanoTime();
        while (!condition.getAsBoolean() && !isOver()) {
            if (System.nanoTime() - beginNanos >= time.toNanos()) {
                return false;
            }
            Thread.sleep(pauseMillis(beginNanos));
        }
        return true;
    }

    /** Returns the pause until the next poll, in a wait that began at {@code beginNanos}. */
    private static long pauseMillis(long beginNanos) {
        long waitedMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beginNanos);
        return Math.max(1, Math.min(waitedMillis / 8, LONGEST_PAUSE_MILLIS));
    }

    /**
     * Returns a stage that completes when a signal is raised or its wait takes too long.
     *
     * @param name the signal
     * @return the stage
     */
    public CompletableFuture<Boolean> stage(String name) {
        return stage(Duration.ofNanos(patienceNanos), () -> isRaised(name));
    }

    /** Returns a stage that completes when a condition holds or after a time: true if it held. */
    CompletableFuture<Boolean> stage(Duration time, BooleanSupplier condition) {
        CompletableFuture<Boolean> stage = new CompletableFuture<>();
        poll(stage, System.nanoTime(), time.toNanos(), condition);
        return stage;
    }

    private void poll(CompletableFuture<Boolean> stage, long beginNanos, long timeNanos, BooleanSupplier condition) {
        if (condition.getAsBoolean()) {
            stage.complete(true);
        } else if (isOver() || System.nanoTime() - beginNanos >= timeNanos) {
            stage.complete(false);
        } else if (!stage.isDone()) {
            Executor later = CompletableFuture.delayedExecutor(pauseMillis(beginNanos), TimeUnit.MILLISECONDS);
            later.execute(() -> poll(stage, beginNanos, timeNanos, condition));
        }
    }

    /** Ends the test: bodies that wait go on. */
    public void end() {
        make(END);
    }

    /** Removes the files. Renames the directory first, so that a body that raises a signal meanwhile finds no directory. */
    void delete() {
        File named = new File(directory);
        File renamed = new File(directory + "-over");
        File rest = named.renameTo(renamed) ? renamed : named;
        // more than once: a file may have been on its way into the directory when that was renamed
        for (int i = 0; i < ATTEMPTS_TO_DELETE && rest.exists(); i++) {
            File[] files = rest.listFiles();
            if (files != null) {
                for (File file : files) {
                    var ignored = file.delete();
                }
            }
            var ignored = rest.delete();
        }
    }
}
