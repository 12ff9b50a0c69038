package dev.brigade.spi;

import dev.brigade.Task;
import dev.brigade.TaskAction;
import dev.brigade.TaskConsumer;
import dev.brigade.TaskFunction;

/**
 * The form of the user's object of which the engine has made a function. A backend that transports sends the user's own object and this
 * form, and makes the function again on the other side. The library's classes around it do not cross, so no filter has to know them.
 */
public enum TaskForm {
    /** A {@link TaskFunction}: it is the function itself. */
    FUNCTION(0),
    /** A {@link Task} that was submitted. */
    TASK(1),
    /** A {@link TaskAction} that was submitted. */
    ACTION(2),
    /** A {@link TaskConsumer}. */
    CONSUMER(3);

    private final int code;

    TaskForm(int code) {
        this.code = code;
    }

    /**
     * Returns the number that stands for this form in a message; it stays the same from release to release.
     *
     * @return the number
     */
    public int code() {
        return code;
    }

    /**
     * Returns the form that a number stands for.
     *
     * @param code the number, as {@link #code()} returns it
     * @return the form
     * @throws IllegalArgumentException when no form has that number
     */
    public static TaskForm ofCode(int code) {
        for (TaskForm form : values()) {
            if (form.code == code) {
                return form;
            }
        }
        throw new IllegalArgumentException("the code of a task's form is 0 to 3, was " + code);
    }

    /**
     * Returns the form of the user's object that a function was made of.
     *
     * @param function a function that a session was opened with
     * @return the form
     */
    public static TaskForm of(TaskFunction<?, ?> function) {
        return TaskBodies.formOf(function);
    }

    /**
     * Makes the function again.
     *
     * @param sent the object that {@link TaskBodies#toSend} returned on the other side
     * @return the function
     * @throws ClassCastException when {@code sent} is not of this form
     */
    public TaskFunction<?, ?> restore(Object sent) {
        return switch (this) {
            case FUNCTION -> (TaskFunction<?, ?>) sent;
            case TASK -> TaskBodies.of((Task<?>) sent);
            case ACTION -> TaskBodies.of(((TaskAction) sent).asTask());
            case CONSUMER -> ((TaskConsumer<?>) sent).asFunction();
        };
    }
}
