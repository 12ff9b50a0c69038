package dev.brigade.timeline;

import dev.brigade.Outcome;
import dev.brigade.TaskFuture;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The recorded tasks of one runner. <b>Thread safety</b>: all methods; {@code this} guards every field. */
final class RunnerRecording {
    private final String name;
    private final List<Span> spans = new ArrayList<>();

    /** Number of submitted tasks that are checked at each submission: with one, ended tasks would pile up. */
    private static final int LOOKS = 2;

    /** Submitted tasks that had not ended when last looked at, those that are to be looked at next first. */
    private final Deque<TaskFuture<?>> submitted = new ArrayDeque<>();

    private long dropped;

    RunnerRecording(String name) {
        this.name = name;
    }

    synchronized void add(Outcome<?, ?> outcome) {
        spans.add(Span.of(outcome));
    }

    synchronized void addDropped(long tasks) {
        dropped += tasks;
    }

    synchronized void add(TaskFuture<?> future) {
        submitted.addLast(future);
        for (int looks = 0; looks < LOOKS && !submitted.isEmpty(); looks++) { // round and round: one may take for ever
            TaskFuture<?> next = submitted.removeFirst();
            if (next.isDone()) {
                add(outcome(next)); // its value need not stay in memory
            } else {
                submitted.addLast(next);
            }
        }
    }

    synchronized Track track() {
        List<Span> all = new ArrayList<>(spans);
        for (TaskFuture<?> future : submitted) {
            if (future.isDone()) {
                all.add(Span.of(outcome(future)));
            }
        }
        return new Track(name, all, dropped);
    }

    /** The outcome of a task that has ended: no wait, but awaiting throws when this thread happens to be interrupted. */
    private static Outcome<?, ?> outcome(TaskFuture<?> done) {
        boolean interrupted = Thread.interrupted();
        try {
            return done.awaitOutcome();
        } catch (InterruptedException e) {
            interrupted = true;
            throw new IllegalStateException("interrupted while reading what is there", e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
