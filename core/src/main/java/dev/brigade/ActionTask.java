package dev.brigade;

import java.util.Objects;

/**
 * An action as a task. Runners that transport their tasks send the action alone.
 *
 * <p><b>Thread safety</b>: that of the action.
 */
public final class ActionTask implements Task<Void> {
    private static final long serialVersionUID = 1;

    /** The action. */
    private final TaskAction action;

    /**
     * Makes the task.
     *
     * @param action the action, not null
     */
    public ActionTask(TaskAction action) {
        this.action = Objects.requireNonNull(action, "action");
    }

    /**
     * Returns the action that this task runs.
     *
     * @return the action
     */
    public TaskAction action() {
        return action;
    }

    @Override
    @SuppressWarnings("NullAway") // the one value of Void
    public Void call() throws Exception {
        action.run();
        return null;
    }
}
