package dev.brigade.process;

import dev.brigade.WorkerLostException.Reason;
import dev.brigade.process.config.PoolSettings;
import dev.brigade.process.launch.CdsArchive;
import dev.brigade.process.os.BestEffort;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/**
 * Decides on workers' lives: starts them when items wait, kills those whose item ignores its end, lets idle ones go, buries the
 * dead and gives what they had to others.
 *
 * <p>Design note: all under the crew's lock; {@link #tick} runs on the channel's thread only. No process is touched here:
 * {@link ProcessActions} does that, outside the lock.
 */
final class WorkerSupervisor {
    static final long NEVER_NANOS = TimeUnit.HOURS.toNanos(1);

    /** What is done to processes. */
    interface ProcessActions {
        /** Starts the worker's process. */
        void launch(WorkerRecord worker);

        /** Kills the worker's process. */
        void kill(WorkerRecord worker);
    }

    private final PoolState crew;
    private final PoolSettings settings;
    private final ProcessActions deeds;
    private final StartPolicy recruiter;
    private final WorkRebalancer balance;
    private final BlameResolver burial;
    private final List<WorkerRecord> leaving = new ArrayList<>();

    /** Makes one; {@code recruits} makes a worker for a slot, without starting it. */
    WorkerSupervisor(PoolState crew, PoolSettings settings, ProcessActions deeds, IntFunction<WorkerRecord> recruits) {
        this.crew = crew;
        this.settings = settings;
        this.deeds = deeds;
        recruiter = new StartPolicy(crew, deeds, recruits);
        balance = new WorkRebalancer(crew, recruiter);
        burial = new BlameResolver(crew);
    }

    /** Starts workers for what waits. */
    void recruit(PoolActions effects) {
        synchronized (crew) {
            recruiter.recruit(effects);
        }
    }

    /** The worker takes items from now on. */
    void ready(WorkerRecord worker, PoolActions effects) {
        synchronized (crew) {
            if (worker.state != WorkerRecord.State.STARTING || worker.killedFor != null) {
                return;
            }
            recruiter.succeeded();
            worker.everReady = true;
            worker.state = WorkerRecord.State.READY;
            worker.idleSinceNanos = System.nanoTime();
            if (crew.closed || worker.retiresOnceReady) {
                dismiss(worker);
            }
            crew.assign(effects);
        }
    }

    /** The worker wants to go: it gives back what it has not begun. */
    void retiring(WorkerRecord worker) {
        synchronized (crew) {
            if (worker.state == WorkerRecord.State.READY || worker.state == WorkerRecord.State.RETIRING) {
                worker.state = WorkerRecord.State.RETIRING;
                if (worker.ledger.size() == 0) {
                    dismiss(worker);
                }
            } else if (worker.state == WorkerRecord.State.STARTING) {
                worker.retiresOnceReady = true;
            }
        }
    }

    private void dismiss(WorkerRecord worker) {
        crew.dismiss(worker);
        vacate(worker);
    }

    private void vacate(WorkerRecord worker) {
        if (crew.slots()[worker.slot] == worker) {
            crew.slots()[worker.slot] = null;
            leaving.add(worker);
        }
    }

    /** The JVM says that it is shutting down, perhaps for a signal: it has the grace to do so, or a JVM's time. */
    void exiting(WorkerRecord worker, boolean terminated) {
        synchronized (crew) {
            worker.exiting = true;
            worker.terminated = terminated;
            expectExit(worker, crew.exitNanos);
        }
    }

    /** It is to exit within that time, or is killed. */
    void expectExit(WorkerRecord worker, long withinNanos) {
        synchronized (crew) {
            if (!worker.exitDue) {
                worker.exitDue = true;
                worker.exitByNanos = System.nanoTime() + withinNanos;
            }
        }
    }

    /** Kills it, unless that has been done. */
    void kill(WorkerRecord worker, Reason reason, String note, PoolActions effects) {
        synchronized (crew) {
            if (worker.killedFor == null) {
                worker.killedFor = reason;
                worker.killNote = note;
                effects.add(() -> deeds.kill(worker));
            }
        }
    }

    /**
     * Does what is due.
     *
     * @param news whether workers have sent results since this was last called
     * @return after how many nanoseconds something may be due again
     */
    long tick(boolean news, PoolActions effects) {
        synchronized (crew) {
            long now = System.nanoTime();
            long next = NEVER_NANOS;
            for (WorkerRecord worker : crew.slots()) {
                next = worker == null ? next : Math.min(next, check(worker, now, effects));
            }
            for (WorkerRecord worker : List.copyOf(leaving)) {
                next = Math.min(next, check(worker, now, effects));
            }
            if (crew.waitingItems > 0) {
                crew.assign(effects);
                recruiter.recruit(effects);
                next = Math.min(next, recruiter.backoffNanos(now));
            }
            // Last, since they see to what has been given out.
            next = Math.min(next, balance.tick(now, effects));
            return Math.min(next, crew.watch.nextNanos(news));
        }
    }

    private long check(WorkerRecord worker, long now, PoolActions effects) {
        if (worker.state == WorkerRecord.State.RETIRING && worker.ledger.size() == 0) {
            dismiss(worker);
        } else if (worker.state == WorkerRecord.State.LEAVING) {
            vacate(worker);
        }
        if (worker.exited) {
            return checkDead(worker, now, effects);
        }
        long next = NEVER_NANOS;
        if (worker.killedFor != null) {
            return next;
        }
        if (worker.state == WorkerRecord.State.STARTING) {
            long left = worker.startDeadlineNanos - now;
            next = Math.min(next, left);
            if (left <= 0) {
                kill(worker, Reason.NEVER_READY, "it was not ready within " + settings.startTimeout(), effects);
            }
        }
        if (worker.exitDue) {
            long left = worker.exitByNanos - now;
            next = Math.min(next, left);
            if (left <= 0) {
                killForStaying(worker, effects);
            }
        }
        return Math.min(next, checkHead(worker, now, effects));
    }

    private void killForStaying(WorkerRecord worker, PoolActions effects) {
        if (worker.disconnected && !worker.exiting) {
            kill(worker, Reason.PROTOCOL_ERROR, "its channel ended, and it lived on", effects);
        } else {
            kill(worker, Reason.KILLED, "it did not exit within " + Duration.ofNanos(crew.exitNanos), effects);
        }
    }

    private long checkHead(WorkerRecord worker, long now, PoolActions effects) {
        PoolAttempt head = worker.ledger.head();
        if (head != null && head.killDue) {
            long left = head.killAtNanos - now;
            if (left <= 0) {
                kill(worker, Reason.KILLED, "its task ignored its end for " + settings.grace(), effects);
            }
            return left;
        }
        Duration idle = settings.idleTimeout().orElse(null);
        if (head == null && idle != null && worker.state == WorkerRecord.State.READY) {
            long left = worker.idleSinceNanos + idle.toNanos() - now;
            if (left <= 0) {
                dismiss(worker);
            }
            return left;
        }
        return NEVER_NANOS;
    }

    private long checkDead(WorkerRecord worker, long now, PoolActions effects) {
        if (!worker.drained && now - worker.buryByNanos < 0) {
            return worker.buryByNanos - now;
        }
        bury(worker, effects);
        return NEVER_NANOS;
    }

    /** The process is gone, and all that it had written has been read. */
    private void bury(WorkerRecord worker, PoolActions effects) {
        boolean wanted = worker.state == WorkerRecord.State.LEAVING || crew.closed;
        boolean failedStart = !worker.everReady && !wanted;
        worker.state = WorkerRecord.State.DEAD;
        BestEffort.attempt("recording an event", () -> worker.event.record(settings.name(), worker, wanted));
        vacate(worker);
        leaving.remove(worker);
        burial.bury(worker, effects);
        CdsArchive archive = worker.archive;
        if (failedStart && archive != null && worker.link == null) {
            // Perhaps the archive's fault: once more without it.
            archive.distrust();
        } else if (failedStart) {
            recruiter.failed(worker, effects);
        }
        crew.notifyAll();
    }

    /** The worker could not be started and there is no thread that would try again: what waits fails now. */
    void giveUp(WorkerRecord worker, PoolActions effects) {
        synchronized (crew) {
            bury(worker, effects);
            recruiter.giveUp(worker, effects);
        }
    }

    /** Nothing more is started; idle workers are told to go, the others are killed. */
    void close(PoolActions effects) {
        synchronized (crew) {
            crew.closed = true;
            for (PoolAttempt item : crew.dropAllWaiting()) {
                effects.returned(item);
            }
            for (WorkerRecord worker : crew.slots().clone()) {
                if (worker != null && worker.state == WorkerRecord.State.READY && worker.ledger.size() == 0) {
                    dismiss(worker);
                } else if (worker != null) {
                    kill(worker, Reason.KILLED, "the pool closed", effects);
                }
            }
        }
    }

    /** Kills whoever is left. */
    void killAll(PoolActions effects) {
        synchronized (crew) {
            crew.closed = true;
            all().forEach(worker -> kill(worker, Reason.KILLED, "the pool closed", effects));
        }
    }

    /**
     * Waits until a worker is there that has all that it was to be told and goes on, or nobody is left who is being started or ends.
     *
     * @return whether such a worker is there
     */
    boolean awaitOneThatStays(long atMostNanos) throws InterruptedException {
        long untilNanos = System.nanoTime() + atMostNanos;
        synchronized (crew) {
            long left = atMostNanos;
            while (left > 0 && !all().isEmpty() && !oneStays()) {
                TimeUnit.NANOSECONDS.timedWait(crew, left);
                left = untilNanos - System.nanoTime();
            }
            return oneStays();
        }
    }

    private boolean oneStays() {
        return all().stream()
                .anyMatch(worker ->
                        worker.process != null && !worker.isDying() && worker.state != WorkerRecord.State.LEAVING);
    }

    /** Everybody not buried yet. */
    List<WorkerRecord> all() {
        synchronized (crew) {
            List<WorkerRecord> all = new ArrayList<>(leaving);
            for (WorkerRecord worker : crew.slots()) {
                if (worker != null) {
                    all.add(worker);
                }
            }
            return all;
        }
    }
}
