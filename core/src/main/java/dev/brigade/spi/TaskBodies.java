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

/** Tasks seen as functions, so that a submitted task is a batch of one; and the check of what plain bodies return. */
public final class TaskBodies {
    private TaskBodies() {}

    /**
     * Refuses a {@link CompletionStage} as the result of a plain body: its outcome would say success while the work goes on.
     *
     * @param result what the body returned
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
     * Runs one body on the calling thread, and waits for its stage when it is asynchronous.
     *
     * @param attempt the engine's side
     * @param worker the name of what runs it, for the outcome
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
     * Gives the calling thread the context of a batch, around a body that runs in another process or on another machine. There the
     * propagators are those that the thread's context class loader sees. An engine in this process binds the context by itself.
     *
     * @param context what {@link BatchSpec#context} returned on the caller's side
     * @return restores what was there, and throws nothing; to be run on the same thread
     */
    public static Runnable bindContext(Map<String, Map<String, String>> context) {
        return ContextCarrier.bind(context);
    }

    /**
     * Waits until a stage completes; how it ended is the stage's own to say.
     *
     * @param stage the stage
     * @return false when the wait was interrupted: the interrupt flag is clear, and the caller has to see to it
     */
    public static boolean awaitQuietly(CompletionStage<?> stage) {
        try {
            Stages.future(stage).get();
            return true;
        } catch (InterruptedException e) {
            return false;
        } catch (Throwable ignored) {
            return true; // how the stage ended, the stage itself will say
        }
    }

    /**
     * A function without input that does what a task does.
     *
     * @param task the task, an {@link AsyncTask} when its body is asynchronous
     * @param <T> the type of its result
     * @return the function
     */
    public static <T> TaskFunction<Void, T> of(Task<T> task) {
        return task instanceof AsyncTask<T> async ? new OfAsyncTask<>(async) : new OfTask<>(task);
    }

    /**
     * What a backend that transports has to send of a function: what the user gave. On the other side {@link TaskForm#restore} makes
     * the function of it again.
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

    /** What the user wrote, where {@code code} is the library's record around it. */
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
     * Gives the function whose inputs are tasks, each of which it calls.
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
