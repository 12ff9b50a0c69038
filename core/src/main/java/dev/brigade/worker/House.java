package dev.brigade.worker;

import dev.brigade.transport.Payload;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
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
final class House implements Supervisor.Deeds {
    private static final Logger LOG = LoggerFactory.getLogger(House.class);

    /** How long after a worker's exit its last output is waited for: something that it has started may hold the pipe. */
    private static final long DRAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

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
        supervisor = new Supervisor(crew, settings, this, this::hire);
        reception = new Reception(crew, supervisor, output, initializer, this::flush);
    }

    private Worker hire(int slot) {
        int number = ++hired;
        long deadlineNanos = System.nanoTime() + settings.startTimeout().toNanos();
        return new Worker(number, slot, cookie + number, deadlineNanos);
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

    void flush() {
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

    /** On the loop's thread; without a loop there is no worker that anything could happen to. */
    private void onLoop(Runnable action) {
        IoLoop running = loop;
        if (running != null) {
            running.execute(action);
        }
    }

    private long tick() {
        Effects effects = new Effects();
        long next = supervisor.tick(effects);
        effects.perform();
        flush();
        return next;
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
            gate = door;
            ready = new Launcher(settings, own);
            launcher = ready;
        }
        return ready;
    }

    @Override
    public void launch(Worker worker) {
        helpers.execute(() -> launchNow(worker));
    }

    private void launchNow(Worker worker) {
        try {
            Launcher ready = open();
            String token = Tokens.next();
            synchronized (crew) {
                worker.token = token;
            }
            Gate door = gate;
            launched(worker, ready.start(worker, door == null ? "" : door.address(), tasks));
        } catch (IOException | RuntimeException | Error e) {
            LOG.debug("{} could not be started", worker.name(), e);
            synchronized (crew) {
                worker.cause = e;
                worker.exited = true;
                worker.drained = true;
            }
            if (loop == null) {
                tick();
            }
            wakeup();
        }
    }

    private void launched(Worker worker, Process process) {
        boolean doomed;
        synchronized (crew) {
            worker.process = process;
            doomed = worker.killedFor != null;
        }
        LOG.debug("{} started", worker.describe());
        helpers.execute(new RawOutput(process.getInputStream(), line -> print(worker, line), () -> drained(worker)));
        CompletionStage<Void> ignored = process.onExit().thenRun(() -> helpers.execute(() -> exited(worker)));
        if (doomed) {
            kill(worker);
        }
    }

    /** What it wrote past the standard streams: whose it is can only be guessed. */
    private void print(Worker worker, String line) {
        worker.tail.add(line);
        output.put(worker.name(), supervisor.probableLabel(worker), line);
    }

    private void drained(Worker worker) {
        onLoop(() -> {
            synchronized (crew) {
                worker.drained = true;
            }
        });
    }

    private void exited(Worker worker) {
        Kin.end(List.of(), worker.cookie);
        onLoop(() -> {
            readRest(worker);
            synchronized (crew) {
                worker.exited = true;
                worker.buryByNanos = System.nanoTime() + DRAIN_NANOS;
            }
        });
    }

    private void readRest(Worker worker) {
        Link link = worker.link;
        if (link == null) {
            return;
        }
        try {
            link.readRest(frame -> reception.received(worker, frame));
        } catch (IOException e) {
            LOG.debug("the channel of {} had ended", worker.describe(), e);
        }
        link.close();
    }

    @Override
    public void kill(Worker worker) {
        helpers.execute(() -> killNow(worker));
    }

    private static void killNow(Worker worker) {
        Process process = worker.process;
        if (process != null) {
            worker.stateAtKill = Kin.state(process.pid());
            List<ProcessHandle> kin = Kin.before(process.toHandle());
            // Not Process.destroyForcibly: that closes the streams and loses what the worker had printed.
            process.toHandle().destroyForcibly();
            kin.forEach(ProcessHandle::destroyForcibly);
        }
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

    /** Kills everybody and cleans up without waiting: nobody has closed the pool. */
    void abandon() {
        synchronized (crew) {
            crew.setClosed();
        }
        new ArrayList<>(supervisor.all()).forEach(House::killNow);
        Kin.end(List.of(), cookie);
        synchronized (this) {
            closed = true;
        }
        closeSockets();
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
