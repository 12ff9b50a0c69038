package dev.brigade.engine.core;

import dev.brigade.Timing;
import org.jspecify.annotations.Nullable;

/** The times of a settled task, its number of attempts, and its last worker, null if the body of the last attempt never began. */
record TaskTimes(Timing timing, int attempts, @Nullable String worker) {

    /** Returns the duration of the last body, in nanoseconds; 0 if it has not begun. */
    static long tookNanos(@Nullable TaskAttempt<?, ?> last, long endedNanos) {
        return last == null || !last.hasBegun() ? 0 : Math.max(0, endedNanos - last.startedNanos());
    }

    static TaskTimes of(@Nullable TaskAttempt<?, ?> last, long submittedNanos, long endedNanos) {
        if (last == null || !last.hasBegun()) {
            int earlier = last == null ? 0 : last.number() - 1;
            return new TaskTimes(new Timing(submittedNanos, endedNanos, endedNanos), earlier, null);
        }
        long began = Math.min(last.startedNanos(), endedNanos);
        return new TaskTimes(new Timing(submittedNanos, began, endedNanos), last.number(), last.worker());
    }
}
