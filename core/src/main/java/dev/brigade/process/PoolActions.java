package dev.brigade.process;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a decision made under the pool's lock leads to, to be done after leaving it: the engine's and the user's code may take
 * locks of their own. Belongs to one thread.
 */
final class PoolActions {
    private static final Logger LOG = LoggerFactory.getLogger(PoolActions.class);

    private @Nullable List<Runnable> actions;
    private @Nullable PoolAttempt begun;
    private String worker = "";
    private boolean clockDue;

    /** The item's body has begun. */
    void begun(PoolAttempt item, String workerName) {
        if (begun == null) {
            begun = item;
            worker = workerName;
        } else {
            add(() -> item.announce(workerName));
        }
    }

    /** The item is not going to run. */
    void returned(PoolAttempt item) {
        add(() -> {
            if (item.begun) {
                item.awaitAnnounced();
            }
            item.attempt.returned();
        });
    }

    /** The item has failed without an answer from its body. */
    void failed(PoolAttempt item, Throwable failure) {
        add(() -> {
            if (item.begun) {
                item.awaitAnnounced();
            }
            item.attempt.ended(null, failure);
        });
    }

    /** Something may be due sooner than the clock knows. */
    void wakeClock() {
        clockDue = true;
    }

    boolean isClockDue() {
        return clockDue;
    }

    /** Something else. */
    void add(Runnable action) {
        if (actions == null) {
            actions = new ArrayList<>();
        }
        actions.add(action);
    }

    /** Tells that this item has begun, when that was said of it just now: before anything else is told of it. Without the lock. */
    void announce(PoolAttempt item) {
        if (begun == item) {
            announce();
        }
    }

    private void announce() {
        PoolAttempt announced = begun;
        begun = null;
        if (announced != null) {
            performSafely(() -> announced.announce(worker));
        }
    }

    /** Does it all; without the lock. One that fails keeps no other from being done: each may be what somebody waits for. */
    void perform() {
        announce();
        if (actions != null) {
            actions.forEach(PoolActions::performSafely);
        }
    }

    private static void performSafely(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException | Error e) {
            LOG.error("a defect in the pool, or the end of memory or threads", e);
        }
    }
}
