package dev.brigade.timeline;

import dev.brigade.Outcome;
import dev.brigade.Outcome.State;
import dev.brigade.TaskTimeoutException;
import dev.brigade.Timing;
import dev.brigade.WorkerLostException;
import dev.brigade.WorkerLostException.Reason;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** Outcomes made by hand: times in milliseconds after some moment. */
final class OutcomeSamples {
    private static final long MOMENT_NANOS = 1_790_000_000_000_000_000L;
    private static final long MILLI = 1_000_000;

    private OutcomeSamples() {}

    static Outcome<Object, Object> ok(long index, String worker, long submitted, long started, long ended) {
        return outcome(index, "input", State.SUCCESS, null, 1, worker, submitted, started, ended);
    }

    static Outcome<Object, Object> retried(long index, String worker, long submitted, long started, long ended) {
        return outcome(index, "input", State.SUCCESS, null, 3, worker, submitted, started, ended);
    }

    static Outcome<Object, Object> failed(long index, String worker, long submitted, long started, long ended) {
        Exception failure = new IllegalStateException("burnt\nblack");
        return outcome(index, "input", State.FAILED, failure, 1, worker, submitted, started, ended);
    }

    static Outcome<Object, Object> timedOut(long index, String worker, long submitted, long started, long ended) {
        Exception failure = new TaskTimeoutException("too late");
        return outcome(index, "input", State.TIMED_OUT, failure, 1, worker, submitted, started, ended);
    }

    static Outcome<Object, Object> killed(long index, String worker, long submitted, long started, long ended) {
        Exception failure = new TaskTimeoutException("too late");
        failure.initCause(lost(Reason.KILLED));
        return outcome(index, "input", State.TIMED_OUT, failure, 1, worker, submitted, started, ended);
    }

    static Outcome<Object, Object> crashed(long index, String worker, long submitted, long started, long ended) {
        return outcome(index, "input", State.FAILED, lost(Reason.EXITED), 1, worker, submitted, started, ended);
    }

    static Outcome<Object, Object> neverStarted(long index, long submitted, long ended) {
        Exception failure = new CancellationException("no more");
        return outcome(index, "input", State.CANCELLED, failure, 0, null, submitted, ended, ended);
    }

    static Outcome<Object, Object> outcome(
            long index,
            @Nullable Object input,
            State state,
            @Nullable Throwable failure,
            int attempts,
            @Nullable String worker,
            long submitted,
            long started,
            long ended) {
        Timing timing = new Timing(at(submitted), at(started), at(ended));
        return new Outcome<>(index, input, state, null, failure, attempts, timing, worker);
    }

    private static WorkerLostException lost(Reason reason) {
        return new WorkerLostException("worker-1 is gone", reason, 137, List.of());
    }

    private static long at(long millis) {
        return MOMENT_NANOS + millis * MILLI;
    }

    /** One of everything on two workers. */
    static Timeline kitchen() {
        return Timeline.of(
                "Kitchen",
                Track.of("alone", List.of(ok(0, "main", 0, 0, 400), ok(1, "main", 400, 400, 1000))),
                Track.of(
                        "processes",
                        List.of(
                                ok(0, "worker-1", 0, 100, 300),
                                failed(1, "worker-2", 0, 100, 200),
                                retried(2, "worker-2", 0, 400, 500),
                                killed(3, "worker-1", 0, 300, 700),
                                timedOut(4, "worker-2", 100, 500, 650),
                                crashed(5, "worker-2", 200, 650, 700),
                                neverStarted(6, 300, 700))));
    }
}
