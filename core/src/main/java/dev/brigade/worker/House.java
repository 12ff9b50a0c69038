package dev.brigade.worker;

import dev.brigade.engine.OwnThreads;
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
 * What a pool owns: threads, processes, sockets, a directory. Carries out what {@link Supervisor} decides.
 *
 * <p>Design note: processes are started on helper threads, the first of which opens the house. Channels are read on the loop's
 * thread, and all that ends a worker's life happens there: its results, its channel's end, its exit. {@code this} guards
 * {@code closed} and {@code abandoned}, and is held while the house is opened; {@code loop} and {@code premises}
 * are set there, once, unless somebody removes the directory. The crew's lock guards the workers' fields.
 */
final class House implements Processes.Home {
    private static final Logger LOG = LoggerFactory.getLogger(House.class);

    /** What remains of the closing time for killing and cleaning up, where there is so much. */
    private static final long KILLING_NANOS = TimeUnit.MILLISECONDS.toNanos(1500);

    /** How long an exit waits for workers that are being started, or end; on a busy machine, the former may take this long. */
    private static final long COMING_OR_LEAVING_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** In place of a worker's number. */
    private static final String ARCHIVE_WRITER = "0.";

    private final PoolSettings settings;
    private final Crew crew;
    private final Supervisor supervisor;
    private final Reception reception;
    private final Rounds rounds;
    private final Helpers helpers;
    private final OutputPump output;
    private final String cookie =
            Long.toHexString(ProcessHandle.current().pid()) + "-" + Long.toHexString(System.nanoTime()) + "-";
    /** Registered by the thread that brings the first task: an exit may begin before a helper comes to open the premises. */
    private final Thread exitHook = OwnThreads.daemon("brigade-exit", this::leaveAtExit);

    private final AtomicBoolean hasExitHook = new AtomicBoolean();

    /** How many workers there have been; guarded by the crew's lock. */
    private int hired;

    /** Where the tasks' classes are found; a race keeps either. */
    private volatile @Nullable ClassLoader tasks;

    private volatile @Nullable IoLoop loop;
    private volatile @Nullable Premises premises;

    /** Those whose directory somebody has removed; what their workers' results come through is still read. */
    private final List<Premises> former = new CopyOnWriteArrayList<>();

    private boolean closed;
    private boolean abandoned;

    House(PoolSettings settings, Crew crew, @Nullable Payload initializer) {
        this.settings = settings;
        this.crew = crew;
        helpers = new Helpers("brigade-" + settings.name());
        output = new OutputPump(settings.output(), helpers);
        supervisor = new Supervisor(crew, settings, new Processes(crew, helpers, this), this::hire);
        reception = new Reception(crew, supervisor, output, initializer, this::flushAll);
        rounds = new Rounds(crew, supervisor, reception.vigil(), this::gate);
    }

    private void flushAll() {
        rounds.flush();
    }

    private @Nullable Gate gate() {
        Premises open = premises;
        return open == null ? null : open.gate();
    }

    private Worker hire(int slot) {
        int number = ++hired;
        long deadlineNanos = System.nanoTime() + settings.startTimeout().toNanos();
        return new Worker(number, slot, cookie + number + ".", deadlineNanos);
    }

    /** Tasks' classes are found there: for the workers' class path. The first that is known counts. */
    void tasksCameFrom(ClassLoader loader) {
        if (tasks == null) {
            tasks = loader;
        }
    }

    void recruit(Effects effects) {
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
        IoLoop running = loop;
        if (running == null || !running.isCurrent()) {
            rounds.flush();
        }
    }

    /** Has the clock look again. */
    void wakeup() {
        IoLoop running = loop;
        if (running != null && running.isCurrent()) {
            rounds.again();
        } else if (running != null) {
            running.wakeup();
        }
    }

    @Override
    public void onLoop(Runnable action) {
        IoLoop running = loop;
        if (running != null) {
            running.execute(action);
        }
    }

    @Override
    public void startFailed(Worker worker) {
        if (loop == null) {
            Effects effects = new Effects();
            supervisor.giveUp(worker, effects);
            effects.perform();
        }
        wakeup();
    }

    @Override
    public Process start(Worker worker) throws IOException {
        Premises open = open();
        Process process = start(worker, open);
        helpers.execute(() -> open.launcher().writeArchive(cookie + ARCHIVE_WRITER));
        return process;
    }

    /** The worker may connect, and end, before its process is known here: so what it tells by is known before. */
    private Process start(Worker worker, Premises open) throws IOException {
        Logbook.Reader logbook = Logbook.Reader.create(open.directory().resolve(worker.name()));
        worker.logbook = logbook;
        ResultRing.Reader ring = open.rings().make(worker.number);
        worker.ring = ring;
        Path ringFile = ring == null ? null : ring.file;
        try {
            Launcher.Started started = open.launcher()
                    .start(
                            new Launcher.Identity(worker.number, worker.token, worker.cookie, logbook.file, ringFile),
                            open.gate().address(),
                            tasks);
            worker.archive = started.archive();
            return started.process();
        } catch (IOException | RuntimeException | Error e) {
            Cleanup.attempt("closing a logbook", logbook::take);
            if (ring != null) {
                Cleanup.attempt("freeing a ring", () -> open.rings().free(ring));
            }
            throw e;
        }
    }

    @Override
    public Logbook.@Nullable Entry lastEntry(Worker worker) {
        return worker.takeAccount();
    }

    @Override
    public void readRest(Worker worker) {
        try {
            reception.readRest(worker);
        } finally {
            Premises open = premises;
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
    public void print(Worker worker, String line) {
        worker.tail.add(line);
        output.put(worker.name(), reception.probableLabel(worker), line);
    }

    private synchronized Premises open() throws IOException {
        if (closed) {
            throw new IOException("the pool is closed");
        }
        IoLoop running = loop;
        if (running == null) {
            running = new IoLoop("brigade-" + settings.name() + "-io", rounds);
            running.start();
            loop = running;
        }
        Premises open = premises;
        if (open != null && !open.isWhole()) {
            LOG.warn("{} of {} is gone, or part of it; another takes its place", open.directory(), settings.name());
            premises = null;
            former.add(open);
            open.leave();
            open = null;
        }
        if (open == null) {
            open = Premises.open(settings, running.selector(), reception);
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
        Effects effects = new Effects();
        supervisor.close(effects);
        effects.perform();
        flush();
        wakeup();
        if (!awaitBurials(untilNanos - killingNanos)) {
            Effects kills = new Effects();
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
        IoLoop running = loop;
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
        Cleanup.attempt("ending what tasks have started", () -> Kin.end(List.of(), cookie));
        closePremises();
        // Of those whose exit nobody will see.
        supervisor.all().forEach(worker -> Cleanup.attempt("closing a logbook", worker::takeAccount));
    }

    private synchronized void closePremises() {
        Premises open = premises;
        if (open != null) {
            premises = null;
            open.close();
        }
        former.forEach(Premises::close);
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
        Cleanup.attempt("ending the writing of an archive", () -> Kin.end(List.of(), cookie + ARCHIVE_WRITER));
        AtomicBoolean oneStays = new AtomicBoolean();
        Cleanup.attempt(
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
        supervisor.killAll(new Effects());
        supervisor
                .all()
                .forEach(worker -> Cleanup.attempt("killing " + worker.name(), () -> Processes.killNow(worker)));
        leave();
        boolean interrupted = Thread.interrupted();
        try {
            IoLoop running = loop;
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
            for (Worker worker : supervisor.all()) {
                Process process = worker.process;
                if (process != null) {
                    all.add(process.toHandle());
                }
            }
        }
        return all;
    }
}
