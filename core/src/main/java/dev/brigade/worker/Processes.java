package dev.brigade.worker;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts, watches and kills the workers' processes.
 *
 * <p>Design note: all of it on helper threads, since starting and looking at processes may take a while; what it learns is told
 * on the channel's thread. The crew's lock guards the workers' fields.
 */
final class Processes implements Supervisor.Deeds {
    private static final Logger LOG = LoggerFactory.getLogger(Processes.class);

    /** How long after a worker's exit its last output is waited for: something that it has started may hold the pipe. */
    private static final long DRAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** Where the processes belong. */
    interface Home {
        /** Starts the worker's process. */
        Process start(Worker worker) throws IOException;

        /** Has it done on the channel's thread. */
        void onLoop(Runnable action);

        /** A worker has not even got a process. */
        void startFailed();

        /** The worker's process is gone: reads what it left in its channel. On the channel's thread. */
        void readRest(Worker worker);

        /** The worker has written a line past the standard streams of Java. */
        void print(Worker worker, String line);
    }

    private final Crew crew;
    private final Executor helpers;
    private final Home home;

    Processes(Crew crew, Executor helpers, Home home) {
        this.crew = crew;
        this.helpers = helpers;
        this.home = home;
    }

    @Override
    public void launch(Worker worker) {
        helpers.execute(() -> launchNow(worker));
    }

    private void launchNow(Worker worker) {
        try {
            String token = Tokens.next();
            synchronized (crew) {
                worker.token = token;
            }
            launched(worker, home.start(worker));
        } catch (IOException | RuntimeException | Error e) {
            LOG.debug("{} could not be started", worker.name(), e);
            synchronized (crew) {
                worker.cause = e;
                worker.exited = true;
                worker.drained = true;
            }
            home.startFailed();
        }
    }

    private void launched(Worker worker, Process process) {
        boolean doomed;
        synchronized (crew) {
            worker.process = process;
            doomed = worker.killedFor != null;
        }
        LOG.debug("{} started", worker.describe());
        helpers.execute(
                new RawOutput(process.getInputStream(), line -> home.print(worker, line), () -> drained(worker)));
        CompletionStage<Void> ignored = process.onExit().thenRun(() -> helpers.execute(() -> exited(worker)));
        if (doomed) {
            kill(worker);
        }
        home.onLoop(
                () -> LOG.trace("{} has a deadline to be ready", worker.name())); // the loop looks at its clock again
    }

    private void drained(Worker worker) {
        home.onLoop(() -> {
            synchronized (crew) {
                worker.drained = true;
            }
        });
    }

    private void exited(Worker worker) {
        Kin.end(List.of(), worker.cookie);
        home.onLoop(() -> {
            home.readRest(worker);
            synchronized (crew) {
                worker.exited = true;
                worker.buryByNanos = System.nanoTime() + DRAIN_NANOS;
            }
        });
    }

    @Override
    public void kill(Worker worker) {
        helpers.execute(() -> killNow(worker));
    }

    static void killNow(Worker worker) {
        Process process = worker.process;
        if (process != null) {
            worker.stateAtKill = Kin.state(process.pid());
            List<ProcessHandle> kin = Kin.before(process.toHandle());
            // Not Process.destroyForcibly: that closes the streams and loses what the worker had printed.
            process.toHandle().destroyForcibly();
            kin.forEach(ProcessHandle::destroyForcibly);
        }
    }
}
