package dev.brigade.process;

import dev.brigade.WorkerOutput;
import dev.brigade.process.config.PoolSettings;
import dev.brigade.process.connection.FrameFlusher;
import dev.brigade.process.connection.FrameHandler;
import dev.brigade.process.connection.OutputDispatcher;
import dev.brigade.process.connection.PoolEventLoop;
import dev.brigade.process.connection.WorkerAcceptor;
import dev.brigade.process.launch.WorkerLauncher;
import dev.brigade.process.os.BestEffort;
import dev.brigade.process.os.DescendantReaper;
import dev.brigade.process.protocol.ProgressFile;
import dev.brigade.process.protocol.ResultRing;
import dev.brigade.process.scheduling.PoolLimits;
import dev.brigade.process.scheduling.PoolState;
import dev.brigade.process.scheduling.WorkerExit;
import dev.brigade.process.scheduling.WorkerRecord;
import dev.brigade.process.worker.WorkerMain;
import dev.brigade.threads.OwnThreads;
import dev.brigade.transport.Payload;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads, processes, sockets and the directory of a pool. Carries out what {@link PoolState} decides.
 *
 * <p>Design note: processes are started on helper threads, the first of which opens the endpoint. The event loop's thread reads the
 * connections and handles all that ends a worker's life: its last results, the end of its connection, its exit. {@code this} guards
 * {@code closed} and {@code abandoned}, and is held while the endpoint is opened. {@code loop} and {@code endpoint} are set there, once;
 * {@code endpoint} again if its directory was removed.
 */
final class PoolResources implements ProcessManager.ProcessListener, ProcessWorker.ProcessActions, PoolState.EventLoop {
    private static final Logger LOG = LoggerFactory.getLogger(PoolResources.class);

    /** The part of the closing time that is kept for killing and cleaning up; half of a closing time that is shorter than twice this. */
    private static final long KILLING_NANOS = TimeUnit.MILLISECONDS.toNanos(1500);

    /** Longest time that an exit waits for workers that are being started or end; on a busy machine, a start may take this long. */
    private static final long COMING_OR_LEAVING_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** In place of a worker's number. */
    private static final String ARCHIVE_WRITER = "0.";

    private final PoolSettings settings;
    private final PoolState state;
    private final FrameHandler frames;
    private final PoolTick tick;
    private final HelperThreads helpers;
    private final ProcessManager processes;
    private final OutputDispatcher output;
    private final String cookie =
            Long.toHexString(ProcessHandle.current().pid()) + "-" + Long.toHexString(System.nanoTime()) + "-";

    private final FrameFlusher flusher = new FrameFlusher();

    /** Registered by the thread that brings the first task: an exit may begin before a helper comes to open the endpoint. */
    private final Thread exitHook = OwnThreads.daemon("brigade-exit", this::leaveAtExit);

    private final AtomicBoolean hasExitHook = new AtomicBoolean();

    /** The class loader that finds the tasks' classes. Of two threads that set it at once, either may win. */
    private volatile @Nullable ClassLoader taskClassLoader;

    private volatile @Nullable PoolEventLoop loop;
    private volatile @Nullable PoolEndpoint endpoint;

    /** Endpoints whose directory somebody has removed; what their workers' results come through is still read. */
    private final List<PoolEndpoint> former = new CopyOnWriteArrayList<>();

    private boolean closed;
    private boolean abandoned;

    PoolResources(PoolSettings settings, @Nullable Payload initializer) {
        this.settings = settings;
        PoolLimits limits = new PoolLimits(
                settings.workers(),
                settings.maxTasksPerWorker(),
                settings.grace().toNanos(),
                settings.idleTimeout().map(Duration::toNanos).orElse(PoolLimits.NEVER),
                settings.startTimeout().toNanos(),
                initializer == null ? 0 : initializer.size(),
                WorkerMain.class.getName());
        state = new PoolState(limits, this::newWorker, this);
        helpers = new HelperThreads("brigade-" + settings.name());
        output = new OutputDispatcher(settings.output(), helpers);
        processes = new ProcessManager(helpers, this);
        frames = new FrameHandler(state, output, initializer, flusher::flush);
        tick = new PoolTick(state, frames.poller(), flusher::flush, this::acceptor);
    }

    PoolState state() {
        return state;
    }

    private @Nullable WorkerAcceptor acceptor() {
        PoolEndpoint open = endpoint;
        return open == null ? null : open.acceptor();
    }

    private WorkerRecord newWorker(int number, int slot, long startDeadlineNanos) {
        return new ProcessWorker(this, flusher, number, slot, cookie + number + ".", startDeadlineNanos);
    }

    /** Tasks' classes are found there: for the workers' class path. The first that is known counts. */
    void tasksCameFrom(ClassLoader loader) {
        if (taskClassLoader == null) {
            taskClassLoader = loader;
        }
    }

    /** A task is about to come. */
    void expectTask() {
        if (!hasExitHook.get() && hasExitHook.compareAndSet(false, true)) {
            addExitHook();
        }
    }

    // ---- frames

    /**
     * Sends the queued frames. On the event loop's thread this waits until all arrived frames are handled: a burst of results leads to a
     * burst of RUN frames, which one write sends.
     */
    void flush() {
        if (!isCurrent()) {
            flusher.flush();
        }
    }

    // ---- the event loop

    @Override
    public boolean isCurrent() {
        PoolEventLoop running = loop;
        return running != null && running.isCurrent();
    }

    @Override
    public boolean execute(Runnable action) {
        PoolEventLoop running = loop;
        return running != null && running.execute(action);
    }

    @Override
    public void wakeup() {
        PoolEventLoop running = loop;
        if (running != null && running.isCurrent()) {
            tick.again();
        } else if (running != null) {
            running.wakeup();
        }
    }

    @Override
    public void onLoop(Runnable action) {
        PoolEventLoop running = loop;
        if (running != null) {
            running.execute(action);
        }
    }

    // ---- processes

    @Override
    public void launch(ProcessWorker worker) {
        processes.launch(worker);
    }

    @Override
    public void kill(ProcessWorker worker) {
        processes.kill(worker);
    }

    @Override
    public void launched(ProcessWorker worker, Process process) {
        state.launched(worker, process.pid());
        flush(); // this thread may have queued the frames of others
    }

    @Override
    public void launchFailed(ProcessWorker worker, Throwable why) {
        WorkerExit exit = WorkerExit.notStarted(why, worker.stderr().lines());
        state.launchFailed(worker, exit, loop != null, System.nanoTime());
        flush(); // this thread may have queued the frames of others
    }

    @Override
    public void ended(ProcessWorker worker, ProgressFile.@Nullable Entry last) {
        try {
            tick.ended(worker, takeLast(worker, last));
        } catch (Throwable e) {
            LOG.warn("little is known of the end of {}", worker.name(), e);
            state.exited(worker, WorkerExit.UNKNOWN, System.nanoTime()); // whatever failed, the worker is dead
        }
    }

    private WorkerExit takeLast(ProcessWorker worker, ProgressFile.@Nullable Entry last) {
        BestEffort.attempt("reading the rest of " + worker.name(), () -> frames.readRest(worker));
        state.ended(worker); // also where that could not be read
        PoolEndpoint open = endpoint;
        ResultRing.Reader ring = open == null ? null : worker.takeRing();
        if (open != null && ring != null) {
            BestEffort.attempt("freeing a ring", () -> open.rings().free(ring));
            former.forEach(one ->
                    BestEffort.attempt("freeing a ring", () -> one.rings().free(ring)));
        }
        Map<Integer, ProgressFile.Entry> living = new HashMap<>();
        BestEffort.attempt("reading what the others are at", () -> readProgress(worker, living));
        Process process = worker.process;
        Integer code = process == null || process.isAlive() ? null : process.exitValue();
        return new WorkerExit(code, last, List.of(), null, worker.stateAtKill, worker.archive != null, living);
    }

    private void readProgress(ProcessWorker except, Map<Integer, ProgressFile.Entry> into) {
        for (WorkerRecord one : state.workers()) {
            ProgressFile.Entry now =
                    one == except || !(one instanceof ProcessWorker worker) ? null : worker.peekProgress();
            if (now != null) {
                into.put(one.number(), now);
            }
        }
    }

    @Override
    public void reaped(ProcessWorker worker, WorkerExit exit, String reason) {
        BestEffort.attempt("recording an event", () -> worker.event.record(settings.name(), worker, exit, reason));
    }

    @Override
    public Process start(ProcessWorker worker) throws IOException {
        PoolEndpoint open = open();
        Process process = start(worker, open);
        worker.process = process;
        helpers.execute(() -> open.launcher().writeArchive(cookie + ARCHIVE_WRITER));
        return process;
    }

    /** The worker may connect, and end, before its process is known here: so what it tells by is known before. */
    private Process start(ProcessWorker worker, PoolEndpoint open) throws IOException {
        ProgressFile.Reader progress =
                ProgressFile.Reader.create(open.directory().resolve(worker.name()));
        worker.progress = progress;
        ResultRing.Reader ring = open.rings().make(worker.number());
        if (ring != null) {
            worker.setRing(ring);
        }
        Path ringFile = ring == null ? null : ring.file;
        try {
            WorkerLauncher.Started started = open.launcher()
                    .start(
                            new WorkerLauncher.Identity(
                                    worker.number(), worker.token(), worker.cookie, progress.file, ringFile),
                            open.acceptor().address(),
                            taskClassLoader);
            worker.archive = started.archive();
            return started.process();
        } catch (IOException | RuntimeException | Error e) {
            BestEffort.attempt("closing a progress file", progress::take);
            if (ring != null) {
                BestEffort.attempt("freeing a ring", () -> open.rings().free(ring));
            }
            throw e;
        }
    }

    /** Takes a line that the process wrote past {@code System.out} and {@code System.err}: its task can only be guessed. */
    @Override
    public void print(ProcessWorker worker, String line) {
        worker.stderr().add(line);
        output.put(new WorkerOutput(line, worker.name(), frames.probableLabel(worker)));
    }

    private synchronized PoolEndpoint open() throws IOException {
        if (closed) {
            throw new IOException("the pool is closed");
        }
        PoolEventLoop running = loop;
        if (running == null) {
            running = new PoolEventLoop("brigade-" + settings.name() + "-io", tick, state::breakDown);
            running.start();
            loop = running;
        }
        PoolEndpoint open = endpoint;
        if (open != null && !open.isWhole()) {
            LOG.warn("{} of {} is gone, or part of it; another takes its place", open.directory(), settings.name());
            endpoint = null;
            former.add(open);
            open.leave();
            open = null;
        }
        if (open == null) {
            open = PoolEndpoint.open(settings, running.selector(), frames);
            endpoint = open;
            // A registration counts from the next wait on.
            running.wakeup();
        }
        return open;
    }

    /** Tells idle workers to go, kills the others, and cleans up; true when nothing is left. An interrupt is kept for later. */
    boolean close(Duration atMost) {
        long untilNanos = System.nanoTime() + atMost.toNanos();
        long killingNanos = Math.min(KILLING_NANOS, atMost.toNanos() / 2);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return closeInOrder(untilNanos, killingNanos);
                } catch (InterruptedException e) {
                    interrupted = true; // each step may be taken again, and all that waits is bounded
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private boolean closeInOrder(long untilNanos, long killingNanos) throws InterruptedException {
        state.close(System.nanoTime());
        flush();
        wakeup();
        if (!state.awaitAllReaped(untilNanos - killingNanos)) {
            state.killAll();
            workers()
                    .forEach(worker ->
                            BestEffort.attempt("killing " + worker.name(), () -> ProcessManager.killNow(worker)));
            state.awaitAllReaped(untilNanos);
        }
        return cleanUp(untilNanos);
    }

    private boolean cleanUp(long untilNanos) throws InterruptedException {
        boolean reaped = state.workers().isEmpty();
        output.awaitEmpty(untilNanos);
        synchronized (this) {
            closed = true;
        }
        leave();
        PoolEventLoop running = loop;
        if (running != null) {
            running.stop(Math.max(KILLING_NANOS, untilNanos - System.nanoTime()));
        }
        removeExitHook();
        boolean quiet = helpers.stop(Math.max(KILLING_NANOS, untilNanos - System.nanoTime()));
        if (!reaped || !quiet) {
            LOG.warn("{} left something behind: {}", settings.name(), state.workers());
        }
        return reaped && quiet;
    }

    /** Cleans up after the workers, whichever way the pool ends. */
    private void leave() {
        BestEffort.attempt("ending what tasks have started", () -> DescendantReaper.end(List.of(), cookie));
        closeEndpoint();
        // Workers that are left here are never reaped, so their progress files are closed now.
        workers().forEach(worker -> BestEffort.attempt("closing a progress file", worker::takeProgress));
    }

    private synchronized void closeEndpoint() {
        PoolEndpoint open = endpoint;
        if (open != null) {
            endpoint = null;
            open.close();
        }
        former.forEach(PoolEndpoint::close);
        former.clear();
    }

    private void addExitHook() {
        try {
            Runtime.getRuntime().addShutdownHook(exitHook);
        } catch (IllegalStateException e) {
            // The JVM is shutting down, and the pool's first task comes from another hook.
            return;
        }
        synchronized (this) {
            if (closed) {
                removeExitHook();
            }
        }
    }

    private void removeExitHook() {
        try {
            Runtime.getRuntime().removeShutdownHook(exitHook);
        } catch (IllegalStateException e) {
            // The JVM is shutting down, and the hook finds nothing left to do.
        }
    }

    /**
     * Runs at the JVM's exit, beside the application's own hooks. Such a hook may close the pool, now or much later, or use it, so no
     * worker is ended here. Workers notice the end of the parent, end, and remove the directory. If there are none, this removes it. A
     * worker that is being started can do so only once it knows the directory.
     */
    private void leaveAtExit() {
        BestEffort.attempt(
                "ending the writing of an archive", () -> DescendantReaper.end(List.of(), cookie + ARCHIVE_WRITER));
        AtomicBoolean oneStays = new AtomicBoolean();
        BestEffort.attempt(
                "waiting for workers that come or leave",
                () -> oneStays.set(state.awaitOneThatStays(System.nanoTime() + COMING_OR_LEAVING_NANOS)));
        if (!oneStays.get()) {
            closeEndpoint();
        }
    }

    /** Kills all workers and cleans up without waiting for long: the pool was dropped without a close, or the JVM ends. Idempotent. */
    void abandon() {
        synchronized (this) {
            if (abandoned) {
                return;
            }
            abandoned = true;
            closed = true;
        }
        // Marked, so that one whose process is being started just now is killed then.
        state.killAll();
        workers()
                .forEach(
                        worker -> BestEffort.attempt("killing " + worker.name(), () -> ProcessManager.killNow(worker)));
        leave();
        boolean interrupted = Thread.interrupted();
        try {
            PoolEventLoop running = loop;
            removeExitHook();
            if (running != null) {
                running.stop(KILLING_NANOS);
            }
            helpers.stop(1);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    List<ProcessHandle> processes() {
        List<ProcessHandle> all = new ArrayList<>();
        for (ProcessWorker worker : workers()) {
            Process process = worker.process;
            if (process != null) {
                all.add(process.toHandle());
            }
        }
        return all;
    }

    private List<ProcessWorker> workers() {
        return state.workers().stream().map(ProcessWorker.class::cast).toList();
    }
}
