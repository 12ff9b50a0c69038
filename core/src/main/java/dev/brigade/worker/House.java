package dev.brigade.worker;

import dev.brigade.transport.Payload;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a pool owns: threads, processes, sockets, a directory. Carries out what {@link Supervisor} decides.
 *
 * <p>Design note: processes are started on helper threads, the first of which opens the house. Channels are read on the loop's
 * thread, and all that ends a worker's life happens there: its results, its channel's end, its exit. {@code this} guards
 * {@code launcher}, {@code directory} and {@code closed}, and is held while the house is opened; the volatile fields are set
 * there, once. The crew's lock guards the workers' fields.
 */
final class House implements Processes.Home {
    private static final Logger LOG = LoggerFactory.getLogger(House.class);

    /** What remains of the closing time for killing and cleaning up, where there is so much. */
    private static final long KILLING_NANOS = TimeUnit.MILLISECONDS.toNanos(1500);

    private final PoolSettings settings;
    private final Crew crew;
    private final Supervisor supervisor;
    private final Reception reception;
    private final Helpers helpers;
    private final OutputPump output;
    private final String cookie =
            Long.toHexString(ProcessHandle.current().pid()) + "-" + Long.toHexString(System.nanoTime()) + "-";
    private final Thread exitHook = new Thread(this::abandon, "brigade-exit");

    /** How many workers there have been; guarded by the crew's lock. */
    private int hired;

    /** Where the tasks' classes are found; a race keeps either. */
    private volatile @Nullable ClassLoader tasks;

    private volatile @Nullable IoLoop loop;
    private volatile @Nullable Gate gate;
    private @Nullable Launcher launcher;
    private @Nullable Path directory;
    private boolean closed;

    House(PoolSettings settings, Crew crew, @Nullable Payload initializer) {
        this.settings = settings;
        this.crew = crew;
        helpers = new Helpers("brigade-" + settings.name());
        output = new OutputPump(settings.output(), helpers);
        supervisor = new Supervisor(crew, settings, new Processes(crew, helpers, this), this::hire);
        reception = new Reception(crew, supervisor, output, initializer, this::flushNow);
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
        supervisor.recruit(effects);
    }

    /**
     * Sends what is queued. On the loop's thread that waits until all that has arrived is handled: a burst of results leads to a
     * burst of starts, and those are sent at once.
     */
    void flush() {
        IoLoop running = loop;
        if (running == null || !running.isCurrent()) {
            flushNow();
        }
    }

    private void flushNow() {
        for (Worker worker : crew.takeDirty()) {
            Link link = worker.link;
            if (link != null) {
                link.flush();
            }
        }
    }

    void wakeup() {
        IoLoop running = loop;
        if (running != null) {
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

    private long tick() {
        Effects effects = new Effects();
        long next = supervisor.tick(effects);
        effects.perform();
        flushNow();
        return next;
    }

    @Override
    public void startFailed() {
        if (loop == null) {
            tick();
        }
        wakeup();
    }

    @Override
    public Process start(Worker worker) throws IOException {
        Launcher ready = open();
        Gate door = gate;
        return ready.start(worker, door == null ? "" : door.address(), tasks);
    }

    @Override
    public void readRest(Worker worker) {
        reception.readRest(worker);
    }

    /** What it wrote past the standard streams: whose it is can only be guessed. */
    @Override
    public void print(Worker worker, String line) {
        worker.tail.add(line);
        output.put(worker.name(), reception.probableLabel(worker), line);
    }

    private synchronized Launcher open() throws IOException {
        if (closed) {
            throw new IOException("the pool is closed");
        }
        IoLoop running = loop;
        if (running == null) {
            running = new IoLoop("brigade-" + settings.name() + "-io", this::tick);
            loop = running;
            running.start();
            Runtime.getRuntime().addShutdownHook(exitHook);
        }
        Launcher ready = launcher;
        if (ready == null) {
            Path own = directory == null ? PoolDirectory.create() : directory;
            directory = own;
            int maxBytes = settings.maxPayloadBytes();
            Gate door = Gate.open(settings.channel(), own, running.selector(), reception, maxBytes);
            door.attend();
            // A registration counts from the next wait on.
            running.wakeup();
            gate = door;
            ready = new Launcher(settings, own);
            launcher = ready;
        }
        return ready;
    }

    /** Tells idle workers to go, kills the others, and cleans up; true when nothing is left. */
    boolean close(Duration atMost) throws InterruptedException {
        long untilNanos = System.nanoTime() + atMost.toNanos();
        long killAtNanos = untilNanos - Math.min(KILLING_NANOS, atMost.toNanos() / 2);
        Effects effects = new Effects();
        supervisor.close(effects);
        effects.perform();
        flush();
        wakeup();
        if (!awaitBurials(killAtNanos)) {
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
        Kin.end(List.of(), cookie);
        closeSockets();
        IoLoop running = loop;
        if (running != null) {
            running.stop(Math.max(KILLING_NANOS, untilNanos - System.nanoTime()));
            removeExitHook();
        }
        boolean quiet = helpers.stop(Math.max(KILLING_NANOS, untilNanos - System.nanoTime()));
        if (!buried || !quiet) {
            LOG.warn("{} left something behind: {}", settings.name(), supervisor.all());
        }
        return buried && quiet;
    }

    private synchronized void closeSockets() {
        try {
            Gate door = gate;
            if (door != null) {
                door.close();
            }
            Path own = directory;
            if (own != null) {
                directory = null;
                PoolDirectory.delete(own);
            }
        } catch (IOException e) {
            LOG.warn("the directory of {} could not be removed", settings.name(), e);
        }
    }

    private void removeExitHook() {
        try {
            Runtime.getRuntime().removeShutdownHook(exitHook);
        } catch (IllegalStateException e) {
            // The JVM is shutting down, and the hook finds nothing left to do.
        }
    }

    /** Kills everybody and cleans up, without waiting for much: nobody has closed the pool. */
    void abandon() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        synchronized (crew) {
            crew.closed = true;
        }
        supervisor.all().forEach(Processes::killNow);
        Kin.end(List.of(), cookie);
        closeSockets();
        try {
            IoLoop running = loop;
            if (running != null) {
                running.stop(KILLING_NANOS);
                removeExitHook();
            }
            helpers.stop(1);
        } catch (InterruptedException e) {
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
