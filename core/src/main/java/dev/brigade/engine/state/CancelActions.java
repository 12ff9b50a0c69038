package dev.brigade.engine.state;

import dev.brigade.threads.Callbacks;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The actions that a body wants run at its cancellation. Each is run once, even if it is added afterwards. */
public final class CancelActions {
    private static final Logger LOG = LoggerFactory.getLogger(CancelActions.class);

    /** Actions that wait for the cancellation; null if there are none. Guarded by this. */
    private @Nullable List<Runnable> waiting;

    /** True once the cancellation has happened. Guarded by this. */
    private boolean fired;

    /** Keeps the action, or runs it now if the cancellation has happened; the returned runnable takes the action back. */
    public Runnable add(Runnable action) {
        Objects.requireNonNull(action, "action");
        synchronized (this) {
            if (!fired) {
                if (waiting == null) {
                    waiting = new ArrayList<>();
                }
                waiting.add(action);
                return () -> takeBack(action);
            }
        }
        runQuietly(action);
        return () -> {};
    }

    @SuppressWarnings("ReferenceEquality") // identity is meant, whatever equals returns
    private synchronized void takeBack(Runnable action) {
        if (waiting == null) {
            return;
        }
        for (int i = 0; i < waiting.size(); i++) {
            if (waiting.get(i) == action) {
                waiting.remove(i);
                return;
            }
        }
    }

    public void fire(Executor executor) {
        List<Runnable> actions;
        synchronized (this) {
            fired = true;
            actions = waiting;
            waiting = null;
        }
        if (actions != null) {
            try {
                executor.execute(() -> actions.forEach(CancelActions::runQuietly));
            } catch (RuntimeException | Error e) {
                putBack(actions); // the canceller may try again
                throw e;
            }
        }
    }

    private synchronized void putBack(List<Runnable> actions) {
        waiting = actions;
    }

    private static void runQuietly(Runnable action) {
        Callbacks.run(action, t -> LOG.warn("an onCancel action threw", t));
    }
}
