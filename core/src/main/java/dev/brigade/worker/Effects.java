package dev.brigade.worker;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a decision made under the pool's lock leads to, to be done after leaving it: the engine's and the user's code may take
 * locks of their own. Belongs to one thread.
 */
final class Effects {
    private @Nullable List<Runnable> actions;
    private @Nullable Item begun;
    private String worker = "";

    /** The item's body has begun. */
    void begun(Item item, String workerName) {
        if (begun == null) {
            begun = item;
            worker = workerName;
        } else {
            add(() -> item.announce(workerName));
        }
    }

    /** The item is not going to run. */
    void returned(Item item) {
        add(() -> {
            if (item.begun) {
                item.awaitAnnounced();
            }
            item.attempt.returned();
        });
    }

    /** The item has failed without an answer from its body. */
    void failed(Item item, Throwable failure) {
        add(() -> {
            if (item.begun) {
                item.awaitAnnounced();
            }
            item.attempt.ended(null, failure);
        });
    }

    /** Something else. */
    void add(Runnable action) {
        if (actions == null) {
            actions = new ArrayList<>();
        }
        actions.add(action);
    }

    /** Does it all; without the lock. */
    void perform() {
        if (begun != null) {
            begun.announce(worker);
        }
        if (actions != null) {
            actions.forEach(Runnable::run);
        }
    }
}
