package dev.brigade.engine;

import dev.brigade.Outcome.State;
import dev.brigade.Progress;
import dev.brigade.RunOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts progress, and tells listeners of it. */
final class Tally {
    private static final Logger LOG = LoggerFactory.getLogger(Tally.class);

    private Tally() {}

    static Progress pulled(Progress now) {
        return new Progress(
                now.pulled() + 1, now.succeeded(), now.failed(), now.timedOut(), now.cancelled(), now.total());
    }

    static Progress counted(Progress now, State state) {
        return new Progress(
                now.pulled(),
                now.succeeded() + (state == State.SUCCESS ? 1 : 0),
                now.failed() + (state == State.FAILED ? 1 : 0),
                now.timedOut() + (state == State.TIMED_OUT ? 1 : 0),
                now.cancelled() + (state == State.CANCELLED ? 1 : 0),
                now.total());
    }

    /** Tells the call's listener, if it has one; what that throws harms nobody. */
    static void tell(RunOptions options, Progress progress) {
        if (options.onProgress().isEmpty()) {
            return;
        }
        try {
            options.onProgress().get().accept(progress);
        } catch (RuntimeException | Error e) {
            LOG.warn("the progress listener of call '{}' threw", options.name(), e);
        }
    }
}
