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
 * Ends the worker when its parent is gone, and reports a body that ignores its cancellation.
 *
 * <p>Design note: one daemon thread. {@code this} guards {@code suspect} and {@code dumpAtNanos}. The first sign of the parent's death is
 * the end of the socket, which the main thread sees. This thread checks the parent's process too, in case the main thread is stuck.
 */
final class ParentWatchdog implements Runnable {
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final int MAX_DUMP_CHARS = 32 * 1024;
    private static final int NOBODY = -1;

    /** Number of fields from a process's state to its number of threads, in the operating system's line on the process. */
    private static final int THREADS_AFTER_STATE = 17;

    /** Time that the parent may take to end after its sockets are closed, on a busy machine. */
    private static final long PARENT_END_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** The same time if the worker could not connect: as a rule the parent lives, and waits for the reason. */
    private static final long CONNECT_END_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final WorkerBootstrap setup;
    private final FrameChannel channel;
    private final TaskInbox inbox;

    /**
     * Start time of the parent, as this JVM computes it, so that another process with the same number is not taken for the parent. Another
     * JVM may compute another time: the system's clock may have been set in between.
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

    /**
     * Ignores the signals of Ctrl-C and a closed terminal. They reach the whole process group, but the parent decides about its workers.
     */
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
            // Then Ctrl-C ends the workers together with the parent, as it would without this method.
        }
    }

    /** Returns true if the JVM is shutting down because of SIGTERM: it then has a thread of that name. */
    static boolean wasTerminated() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("SIGTERM handler"));
    }

    /** Called when an attempt has been interrupted: if it still runs after a quarter of the grace, the parent gets the stacks. */
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

    /** Returns the attempt whose stacks are due; else waits until something is due, and returns {@code NOBODY}. */
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
            // A task has enumerated the threads and interrupted this one; the interrupt has no meaning here.
        }
        return NOBODY;
    }

    /** Returns true if the process ends in time: the sockets of a killed process are closed before it is gone. */
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

    /** Returns true if a process with this number and start time lives: numbers are used again. */
    static boolean lives(long pid, Optional<Instant> start) {
        Optional<ProcessHandle> process = ProcessHandle.of(pid);
        if (process.isEmpty() || !process.get().isAlive() || isZombie(pid)) {
            return false;
        }
        return process.get().info().startInstant().equals(start);
    }

    /** Returns true if the process is dead, and its parent has not waited for it yet: the JDK takes such a process for alive. */
    private static boolean isZombie(long pid) {
        try {
            return isZombie(Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return false;
        }
    }

    /** Returns true for a zombie. A live process whose first thread has ended has the same state, but more than one thread. */
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

    /**
     * Ends this JVM at once, with the processes that its tasks have started. Also removes what a dead parent has left: only its workers
     * can.
     */
    void haltWithDescendants(int code) {
        try {
            quietly(() -> ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly));
            PoolDirectory.deleteOwn(); // those of pools that tasks have opened, which are not closed
            if (code == WorkerExitCode.PARENT_GONE) {
                // Processes that a task has started and that are no descendants of this one any more.
                quietly(() -> DescendantReaper.end(List.of(), System.getenv(DescendantReaper.VARIABLE)));
                if (ends(setup.parentPid(), parentStart, PARENT_END_NANOS)) {
                    quietly(() -> removeWhatItLeft(setup));
                }
            }
        } finally {
            Runtime.getRuntime().halt(code);
        }
    }

    /**
     * Runs a step whose failure must not keep later steps from running. It is not logged: a logger may take seconds to load, and the log
     * has no reader.
     */
    private static void quietly(BestEffort.Step step) {
        try {
            step.run();
        } catch (Throwable e) {
            // Another worker was faster, as a rule.
        }
    }

    /** Called by a worker that cannot connect: if its parent ends meanwhile, there may be no other process to remove its directory. */
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
