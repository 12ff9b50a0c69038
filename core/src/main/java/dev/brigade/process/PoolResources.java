package dev.brigade.process;

import dev.brigade.engine.OwnThreads;
import dev.brigade.process.config.PoolSettings;
import dev.brigade.process.launch.WorkerLauncher;
import dev.brigade.process.os.BestEffort;
import dev.brigade.process.os.DescendantReaper;
import dev.brigade.process.protocol.ProgressFile;
import dev.brigade.process.protocol.ResultRing;
import dev.brigade.transport.Payload;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a pool owns: threads, processes, sockets, a directory. Carries out what {@link WorkerSupervisor} decides.
 *
 * <p>Design note: processes are started on helper threads, the first of which opens the house. Channels are read on the loop's
 * thread, and all that ends a worker's life happens there: its results, its channel's end, its exit. {@code this} guards
 * {@code closed} and {@code abandoned}, and is held while the house is opened; {@code loop} and {@code premises}
 * are set there, once, unless somebody removes the directory. The crew's lock guards the workers' fields.
 */
final class PoolResources implements ProcessManager.ProcessListener {
    private static final Logger LOG = LoggerFactory.getLogger(PoolResources.class);

    /** What remains of the closing time for killing and cleaning up, where there is so much. */
    private static final long KILLING_NANOS = TimeUnit.MILLISECONDS.toNanos(1500);

    /** How long an exit waits for workers that are being started, or end; on a busy machine, the former may take this long. */
    private static final long COMING_OR_LEAVING_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** In place of a worker's number. */
    private static final String ARCHIVE_WRITER = "0.";

    private final PoolSettings settings;
    private final PoolState crew;
    private final WorkerSupervisor supervisor;
    private final FrameHandler reception;
    private final PoolTick rounds;
    private final HelperThreads helpers;
    private final OutputDispatcher output;
    private final String cookie =
            Long.toHexString(ProcessHandle.current().pid()) + "-" + Long.toHexString(System.nanoTime()) + "-";
    /** Registered by the thread that brings the first task: an exit may begin before a helper comes to open the premises. */
    private final Thread exitHook = OwnThreads.daemon("brigade-exit", this::leaveAtExit);

    private final AtomicBoolean hasExitHook = new AtomicBoolean();

    /** How many workers there have been; guarded by the crew's lock. */
    private int hired;

    /** Where the tasks' classes are found; a race keeps either. */
    private volatile @Nullable ClassLoader tasks;

    private volatile @Nullable PoolEventLoop loop;
    private volatile @Nullable PoolEndpoint premises;

    /** Those whose directory somebody has removed; what their workers' results come through is still read. */
    private final List<PoolEndpoint> former = new CopyOnWriteArrayList<>();

    private boolean closed;
    private boolean abandoned;

    PoolResources(PoolSettings settings, PoolState crew, @Nullable Payload initializer) {
        this.settings = settings;
        this.crew = crew;
        helpers = new HelperThreads("brigade-" + settings.name());
        output = new OutputDispatcher(settings.output(), helpers);
        supervisor = new WorkerSupervisor(crew, settings, new ProcessManager(crew, helpers, this), this::hire);
        reception = new FrameHandler(crew, supervisor, output, initializer, this::flushAll);
        rounds = new PoolTick(crew, supervisor, reception.vigil(), this::gate);
    }

    private void flushAll() {
        rounds.flush();
    }

    private @Nullable WorkerAcceptor gate() {
        PoolEndpoint open = premises;
        return open == null ? null : open.gate();
    }

    private WorkerRecord hire(int slot) {
        int number = ++hired;
        long deadlineNanos = System.nanoTime() + settings.startTimeout().toNanos();
        return new WorkerRecord(number, slot, cookie + number + ".", deadlineNanos);
    }

    /** Tasks' classes are found there: for the workers' class path. The first that is known counts. */
    void tasksCameFrom(ClassLoader loader) {
        if (tasks == null) {
            tasks = loader;
        }
    }

    void recruit(PoolActions effects) {
        if (!hasExitHook.get() && hasExitHook.compareAndSet(false, true)) {
            addExitHook();
        }
        supervisor.recruit(effects);
    }

    /**
     * Sends what is queued. On the loop's thread that waits until all that has arrived is handled: a burst of results leads to a
     * burst of starts, and those are sent at once.
     */
    void flush() {
        PoolEventLoop running = loop;
        if (running == null || !running.isCurrent()) {
            rounds.flush();
        }
    }

    /** Has the clock look again. */
    void wakeup() {
        PoolEventLoop running = loop;
        if (running != null && running.isCurrent()) {
            rounds.again();
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

    @Override
    public void startFailed(WorkerRecord worker) {
        if (loop == null) {
            PoolActions effects = new PoolActions();
            supervisor.giveUp(worker, effects);
            effects.perform();
        }
        wakeup();
    }

    @Override
    public Process start(WorkerRecord worker) throws IOException {
        PoolEndpoint open = open();
        Process process = start(worker, open);
        helpers.execute(() -> open.launcher().writeArchive(cookie + ARCHIVE_WRITER));
        return process;
    }

    /** The worker may connect, and end, before its process is known here: so what it tells by is known before. */
    private Process start(WorkerRecord worker, PoolEndpoint open) throws IOException {
        ProgressFile.Reader logbook =
                ProgressFile.Reader.create(open.directory().resolve(worker.name()));
        worker.logbook = logbook;
        ResultRing.Reader ring = open.rings().make(worker.number);
        worker.ring = ring;
        Path ringFile = ring == null ? null : ring.file;
        try {
            WorkerLauncher.Started started = open.launcher()
                    .start(
                            new WorkerLauncher.Identity(
                                    worker.number, worker.token, worker.cookie, logbook.file, ringFile),
                            open.gate().address(),
                            tasks);
            worker.archive = started.archive();
            return started.process();
        } catch (IOException | RuntimeException | Error e) {
            BestEffort.attempt("closing a logbook", logbook::take);
            if (ring != null) {
                BestEffort.attempt("freeing a ring", () -> open.rings().free(ring));
            }
            throw e;
        }
    }

    @Override
    public ProgressFile.@Nullable Entry lastEntry(WorkerRecord worker) {
        return worker.takeAccount();
    }

    @Override
    public void readRest(WorkerRecord worker) {
        try {
            reception.readRest(worker);
        } finally {
            PoolEndpoint open = premises;
            ResultRing.Reader ring = worker.ring;
            if (open != null && ring != null) {
                worker.ring = null;
                open.rings().free(ring);
                former.forEach(one -> one.rings().free(ring));
            }
        }
    }

    /** What it wrote past the standard streams: whose it is can only be guessed. */
    @Override
    public void print(WorkerRecord worker, String line) {
        worker.tail.add(line);
        output.put(worker.name(), reception.probableLabel(worker), line);
    }

    private synchronized PoolEndpoint open() throws IOException {
        if (closed) {
            throw new IOException("the pool is closed");
        }
        PoolEventLoop running = loop;
        if (running == null) {
            running = new PoolEventLoop("brigade-" + settings.name() + "-io", rounds);
            running.start();
            loop = running;
        }
        PoolEndpoint open = premises;
        if (open != null && !open.isWhole()) {
            LOG.warn("{} of {} is gone, or part of it; another takes its place", open.directory(), settings.name());
            premises = null;
            former.add(open);
            open.leave();
            open = null;
        }
        if (open == null) {
            open = PoolEndpoint.open(settings, running.selector(), reception);
            premises = open;
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
        PoolActions effects = new PoolActions();
        supervisor.close(effects);
        effects.perform();
        flush();
        wakeup();
        if (!awaitBurials(untilNanos - killingNanos)) {
            PoolActions kills = new PoolActions();
            supervisor.killAll(kills);
            kills.perform();
            awaitBurials(untilNanos);
        }
        return cleanUp(untilNanos);
    }

    private boolean awaitBurials(long untilNanos) throws InterruptedException {
        synchronized (crew) {
            long left = untilNanos - System.nanoTime();
            while (!supervisor.all().isEmpty() && left > 0) {
                TimeUnit.NANOSECONDS.timedWait(crew, left);
                left = untilNanos - System.nanoTime();
            }
            return supervisor.all().isEmpty();
        }
    }

    private boolean cleanUp(long untilNanos) throws InterruptedException {
        boolean buried = supervisor.all().isEmpty();
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
        if (!buried || !quiet) {
            LOG.warn("{} left something behind: {}", settings.name(), supervisor.all());
        }
        return buried && quiet;
    }

    /** What is done whenever a pool ends, after its workers. */
    private void leave() {
        BestEffort.attempt("ending what tasks have started", () -> DescendantReaper.end(List.of(), cookie));
        closePremises();
        // Of those whose exit nobody will see.
        supervisor.all().forEach(worker -> BestEffort.attempt("closing a logbook", worker::takeAccount));
    }

    private synchronized void closePremises() {
        PoolEndpoint open = premises;
        if (open != null) {
            premises = null;
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
     * At the JVM's exit, beside the application's own hooks, one of which may close the pool, now or much later, or use it. So no
     * worker is ended here. Those that are there when the process has gone notice, end, and remove the directory; where there are
     * none, nobody else would. One that is being started does so only once it has been told of the directory.
     */
    private void leaveAtExit() {
        BestEffort.attempt(
                "ending the writing of an archive", () -> DescendantReaper.end(List.of(), cookie + ARCHIVE_WRITER));
        AtomicBoolean oneStays = new AtomicBoolean();
        BestEffort.attempt(
                "waiting for workers that come or leave",
                () -> oneStays.set(supervisor.awaitOneThatStays(COMING_OR_LEAVING_NANOS)));
        if (!oneStays.get()) {
            closePremises();
        }
    }

    /** Kills everybody and cleans up, without waiting for much: nobody has closed the pool, or has the time to. Idempotent. */
    void abandon() {
        synchronized (this) {
            if (abandoned) {
                return;
            }
            abandoned = true;
            closed = true;
        }
        // Marked, so that one whose process is being started just now is killed then.
        supervisor.killAll(new PoolActions());
        supervisor
                .all()
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
        synchronized (crew) {
            for (WorkerRecord worker : supervisor.all()) {
                Process process = worker.process;
                if (process != null) {
                    all.add(process.toHandle());
                }
            }
        }
        return all;
    }
}
