package dev.brigade.process.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.brigade.process.os.BestEffort;
import dev.brigade.process.os.DescendantReaper;
import dev.brigade.process.os.PoolDirectory;
import dev.brigade.process.protocol.Frame;
import dev.brigade.process.protocol.FrameChannel;
import dev.brigade.process.protocol.WorkerBootstrap;
import dev.brigade.process.protocol.WorkerExitCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The worker's own watchman: ends it when the parent is gone, and describes a body that ignores its cancellation.
 *
 * <p>Design note: one daemon thread. {@code this} guards {@code suspect} and {@code dumpAtNanos}. The socket's end is the first
 * sign of the parent's death, and the main thread sees it; this thread looks at the parent's process in case that one is stuck.
 */
final class ParentWatchdog implements Runnable {
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final int MAX_DUMP_CHARS = 32 * 1024;
    private static final int NOBODY = -1;

    /** In the operating system's line on a process, how many fields after its state the number of its threads is. */
    private static final int THREADS_AFTER_STATE = 17;

    /** How long the parent may take to end after its sockets, on a busy machine. */
    private static final long PARENT_END_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** The same, where the worker could not connect: as a rule for another reason, which the parent waits for. */
    private static final long CONNECT_END_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final WorkerBootstrap setup;
    private final FrameChannel channel;
    private final TaskInbox inbox;

    /**
     * When the parent started, as this JVM reckons it, so that another process with its number is not mistaken for it. Another JVM
     * may reckon otherwise: the clock may have been set in between.
     */
    private final Optional<Instant> parentStart;

    private int suspect = NOBODY;
    private long dumpAtNanos;

    ParentWatchdog(WorkerBootstrap setup, FrameChannel channel, TaskInbox inbox) {
        this.setup = setup;
        this.channel = channel;
        this.inbox = inbox;
        parentStart = startOf(setup.parentPid());
    }

    void start() {
        Thread thread = new Thread(this, "brigade-worker-guard");
        thread.setDaemon(true);
        thread.start();
    }

    /** Ctrl-C and a closed terminal reach the whole group; the parent decides what becomes of its workers. */
    static void ignoreTerminalSignals() {
        try {
            // By reflection: javac warns of this class whatever one does, and not every JDK has it.
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object ignore = handler.getField("SIG_IGN").get(null);
            for (String name : new String[] {"INT", "HUP"}) {
                Object one = signal.getConstructor(String.class).newInstance(name);
                signal.getMethod("handle", signal, handler).invoke(null, one, ignore);
            }
        } catch (ReflectiveOperationException | RuntimeException e) {
            // Then a Ctrl-C ends the workers together with the parent, as it would without us.
        }
    }

    /** Whether the JVM, which is shutting down, does so for a SIGTERM: it then has a thread of that name. */
    static boolean wasTerminated() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("SIGTERM handler"));
    }

    /** That item has been interrupted: if it still runs after a quarter of the grace, the parent gets the stacks. */
    synchronized void expectEnd(int id) {
        suspect = id;
        dumpAtNanos = System.nanoTime() + setup.graceNanos() / 4;
        notifyAll();
    }

    @Override
    public void run() {
        long lookAtNanos = System.nanoTime() + LOOK_NANOS;
        while (true) {
            int due = awaitDue(lookAtNanos);
            if (due != NOBODY) {
                dump(due);
            }
            if (System.nanoTime() - lookAtNanos >= 0) {
                lookAtNanos = System.nanoTime() + LOOK_NANOS;
                if (!parentLives()) {
                    haltWithDescendants(WorkerExitCode.PARENT_GONE);
                }
            }
        }
    }

    /** Waits until it is time to look, or returns the item whose stacks are due. */
    private synchronized int awaitDue(long lookAtNanos) {
        long now = System.nanoTime();
        if (suspect != NOBODY && now - dumpAtNanos >= 0) {
            int due = suspect;
            suspect = NOBODY;
            return due;
        }
        long untilNanos = suspect != NOBODY && dumpAtNanos - lookAtNanos < 0 ? dumpAtNanos : lookAtNanos;
        try {
            TimeUnit.NANOSECONDS.timedWait(this, Math.max(1, untilNanos - now));
        } catch (InterruptedException e) {
            // A task enumerated the threads and interrupted this one: nothing to do with it.
        }
        return NOBODY;
    }

    /** Waits a little: the sockets of a process that is killed are closed before it is gone. */
    private static boolean ends(long pid, Optional<Instant> start, long withinNanos) {
        long untilNanos = System.nanoTime() + withinNanos;
        while (lives(pid, start)) {
            if (System.nanoTime() - untilNanos >= 0) {
                return false;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        return true;
    }

    private static Optional<Instant> startOf(long pid) {
        return ProcessHandle.of(pid).flatMap(process -> process.info().startInstant());
    }

    private boolean parentLives() {
        return lives(setup.parentPid(), parentStart);
    }

    /** Whether a process lives that has this number and started then: numbers are used again. */
    static boolean lives(long pid, Optional<Instant> start) {
        Optional<ProcessHandle> process = ProcessHandle.of(pid);
        if (process.isEmpty() || !process.get().isAlive() || isZombie(pid)) {
            return false;
        }
        return process.get().info().startInstant().equals(start);
    }

    /** Dead, but nobody has asked yet how it ended: the JDK takes that for alive. */
    private static boolean isZombie(long pid) {
        try {
            return isZombie(Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return false;
        }
    }

    /** A process whose first thread has ended reads the same, while the number of its threads is above one. */
    static boolean isZombie(String stat) {
        int state = stat.lastIndexOf(')') + 2;
        if (!stat.startsWith("Z ", state)) {
            return false;
        }
        int at = state;
        for (int i = 0; i < THREADS_AFTER_STATE && at >= 0; i++) {
            at = stat.indexOf(' ', at + 1);
        }
        return at < 0 || stat.startsWith(" 1 ", at) || stat.startsWith(" 0 ", at);
    }

    /** Ends this JVM at once, and what its tasks have started with it, and what a dead parent has left: nobody else will. */
    void haltWithDescendants(int code) {
        try {
            quietly(() -> ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly));
            PoolDirectory.deleteOwn(); // of the pools that tasks have opened: they are not closed
            if (code == WorkerExitCode.PARENT_GONE) {
                // What a task has started that is nobody's child any more.
                quietly(() -> DescendantReaper.end(List.of(), System.getenv(DescendantReaper.VARIABLE)));
                if (ends(setup.parentPid(), parentStart, PARENT_END_NANOS)) {
                    quietly(() -> removeWhatItLeft(setup));
                }
            }
        } finally {
            Runtime.getRuntime().halt(code);
        }
    }

    /** What one step throws keeps no other; nobody is left to read it, and a logger may take seconds to load. */
    private static void quietly(BestEffort.Step step) {
        try {
            step.run();
        } catch (Throwable e) {
            // Another worker was faster, as a rule.
        }
    }

    /** A worker that cannot connect: when its parent ends meanwhile, nobody else may be there to remove its directory. */
    static void leaveIfParentIsGone(WorkerBootstrap setup) {
        Optional<Instant> start = startOf(setup.parentPid());
        if (ends(setup.parentPid(), start, CONNECT_END_NANOS)) {
            quietly(() -> removeWhatItLeft(setup));
        }
    }

    private static void removeWhatItLeft(WorkerBootstrap setup) throws IOException {
        PoolDirectory.delete(Path.of(setup.progress(), "..").toAbsolutePath().normalize());
    }

    private void dump(int id) {
        Thread body = inbox.threadOf(id);
        if (body == null) {
            return;
        }
        StringBuilder text = new StringBuilder();
        Map<Thread, StackTraceElement[]> stacks = Thread.getAllStackTraces();
        StackTraceElement[] stack = stacks.remove(body);
        describe(body, stack == null ? body.getStackTrace() : stack, text);
        stacks.forEach((thread, trace) -> describe(thread, trace, text));
        if (text.length() > MAX_DUMP_CHARS) {
            text.setLength(MAX_DUMP_CHARS);
            text.append("...\n");
        }
        channel.send(Frame.of(Frame.DUMP, id, 0, text.toString().getBytes(UTF_8)));
    }

    private static void describe(Thread thread, StackTraceElement[] trace, StringBuilder to) {
        if (trace.length == 0 || thread == Thread.currentThread()) {
            return;
        }
        to.append('"')
                .append(thread.getName())
                .append("\" ")
                .append(thread.getState())
                .append('\n');
        for (StackTraceElement element : trace) {
            to.append("    at ").append(element).append('\n');
        }
    }
}
