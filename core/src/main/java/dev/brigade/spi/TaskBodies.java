package dev.brigade.spi;

import dev.brigade.ActionTask;
import dev.brigade.AsyncFunction;
import dev.brigade.AsyncTask;
import dev.brigade.ConsumerFunction;
import dev.brigade.Stages;
import dev.brigade.Task;
import dev.brigade.TaskAction;
import dev.brigade.TaskConsumer;
import dev.brigade.TaskFunction;
import dev.brigade.context.ContextCarrier;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Turns tasks into functions, so that a submitted task is a batch of one, and checks the results of plain bodies. */
public final class TaskBodies {
    private TaskBodies() {}

    /**
     * Refuses a {@link CompletionStage} as the result of a plain body: its outcome would be a success while the work goes on.
     *
     * @param result the result of the body
     * @param <T> its type
     * @return {@code result}
     * @throws IllegalStateException when it is a stage
     */
    public static <T> @Nullable T requirePlain(@Nullable T result) {
        if (result instanceof CompletionStage) {
            throw new IllegalStateException(
                    "the body returned a " + result.getClass().getName()
                            + " without being asynchronous; wrap the lambda with Task.async(...) or TaskFunction.async(...)");
        }
        return result;
    }

    /**
     * Runs one body on the calling thread, and waits for its stage if it is asynchronous.
     *
     * @param attempt the engine's side
     * @param worker the name of the worker, for the outcome
     * @param function the function
     * @param input the input, perhaps null
     * @param <I> the type of the input
     * @param <R> the type of the result
     */
    public static <I, R> void runBlocking(Attempt<R> attempt, String worker, TaskFunction<I, R> function, I input) {
        if (function instanceof AsyncFunction<I, R> async) {
            attempt.runAndWait(worker, () -> async.start(input));
        } else {
            attempt.run(worker, () -> function.apply(input));
        }
    }

    /**
     * Binds the context of a batch to the calling thread, around a body in another process or on another machine. The propagators are
     * those that the thread's context class loader finds there. An engine in this process binds the context by itself.
     *
     * @param context the value of {@link BatchSpec#context} on the caller's side
     * @return an action that restores the earlier context, and throws nothing; to be run on the same thread
     */
    public static Runnable bindContext(Map<String, Map<String, String>> context) {
        return ContextCarrier.bind(context);
    }

    /**
     * Waits until a stage completes; the stage itself tells how it ended.
     *
     * @param stage the stage
     * @return false when the wait was interrupted: the interrupt flag is clear, and the caller must handle the interrupt
     */
    public static boolean awaitQuietly(CompletionStage<?> stage) {
        try {
            Stages.future(stage).get();
            return true;
        } catch (InterruptedException e) {
            return false;
        } catch (Throwable ignored) {
            return true; // the stage itself tells how it ended
        }
    }

    /**
     * Returns a function without input that runs a task.
     *
     * @param task the task, an {@link AsyncTask} when its body is asynchronous
     * @param <T> the type of its result
     * @return the function
     */
    public static <T> TaskFunction<Void, T> of(Task<T> task) {
        return task instanceof AsyncTask<T> async ? new OfAsyncTask<>(async) : new OfTask<>(task);
    }

    /**
     * Returns the object that a backend that transports must send for a function: the user's own. On the other side
     * {@link TaskForm#restore} makes the function of it again.
     *
     * @param function a function that a session was opened with
     * @return a {@link Task}, {@link TaskAction} or {@link TaskConsumer}, or the function itself
     */
    public static Object toSend(TaskFunction<?, ?> function) {
        if (function instanceof OfTask<?> plain) {
            return unwrapped(plain.task);
        }
        if (function instanceof ConsumerFunction<?> each) {
            return each.consumer();
        }
        return function instanceof OfAsyncTask<?> async ? async.task : function;
    }

    /** Returns the form in which the user passed the object: it may be a task and an action at once. */
    static TaskForm formOf(TaskFunction<?, ?> function) {
        if (function instanceof OfTask<?> plain) {
            return plain.task instanceof ActionTask ? TaskForm.ACTION : TaskForm.TASK;
        }
        if (function instanceof ConsumerFunction<?>) {
            return TaskForm.CONSUMER;
        }
        return function instanceof OfAsyncTask<?> ? TaskForm.TASK : TaskForm.FUNCTION;
    }

    /** Returns the user's object if {@code code} is the library's wrapper around it, else {@code code}. */
    static Object unwrapped(Object code) {
        if (code instanceof ActionTask action) {
            return action.action();
        }
        return code instanceof ConsumerFunction<?> each ? each.consumer() : code;
    }

    private record OfTask<T>(Task<T> task) implements TaskFunction<Void, T> {
        @Override
        public T apply(Void nothing) throws Exception {
            return task.call();
        }
    }

    private record OfAsyncTask<T>(AsyncTask<T> task) implements AsyncFunction<Void, T> {
        @Override
        public CompletionStage<T> start(Void nothing) throws Exception {
            return task.start();
        }
    }

    /**
     * Returns a function whose inputs are tasks, and which calls each of them.
     *
     * @param <T> the type of the results
     * @return the function
     */
    public static <T> TaskFunction<Task<? extends T>, T> callingItsInput() {
        AsyncFunction<Task<? extends T>, T> starts = TaskBodies::start;
        return starts;
    }

    @SuppressWarnings("unchecked") // a stage only produces its value
    private static <T> CompletionStage<T> start(Task<? extends T> task) throws Exception {
        return task instanceof AsyncTask<?> async
                ? (CompletionStage<T>) async.start()
                : CompletableFuture.completedFuture(requirePlain(task.call()));
    }
}
