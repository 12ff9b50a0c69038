package dev.brigade.spi;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The engine's side of one attempt.
 *
 * @param <R> the type of the result
 */
public interface Attempt<R> {

    /**
     * Runs a body on the calling thread: binds its context, measures its time, lets it be interrupted, and reports its end. Throws
     * nothing. Does not run the body if the attempt has been stopped already.
     *
     * @param worker the name of the worker, for the outcome
     * @param body the body
     */
    void run(String worker, Callable<? extends R> body);

    /**
     * Starts an asynchronous body on the calling thread and returns; the end is reported when its stage completes.
     *
     * @param worker the name of the worker, for the outcome
     * @param start starts the body
     */
    void runAsync(String worker, Callable<? extends CompletionStage<? extends R>> start);

    /**
     * Starts an asynchronous body on the calling thread and waits for its stage. An interrupt by the engine ends the wait, but the end is
     * reported when the stage completes.
     *
     * @param worker the name of the worker, for the outcome
     * @param start starts the body
     */
    void runAndWait(String worker, Callable<? extends CompletionStage<? extends R>> start);

    /**
     * Returns the index of the input in its batch.
     *
     * @return the index, from 0
     */
    long index();

    /**
     * Returns the number of this attempt at its task.
     *
     * @return 1 for the first
     */
    int number();

    /**
     * Returns the time that the whole batch has left.
     *
     * @return the time, perhaps negative; empty when there is no limit
     */
    Optional<Duration> batchRemaining();

    /**
     * Reports that the body has begun elsewhere. The time that the attempt may take counts from now.
     *
     * @param worker the name of the worker, for the outcome
     */
    void started(String worker);

    /**
     * Reports that the body is gone, and how it ended. The engine runs no user code on the calling thread, unless the machine has no other
     * thread for it or the runner is closed.
     *
     * @param value the result; null when there is a failure
     * @param failure the exception that it threw, or that tells what happened to it; null when it returned
     */
    void ended(@Nullable R value, @Nullable Throwable failure);

    /**
     * Reports that the body is gone, and left a result that is still encoded: for bodies that run in another process.
     *
     * @param reply returns the result or throws the failure; called once at most, later, on a thread that may run user code
     * @param failed true if it holds a failure
     */
    void endedEncoded(Callable<? extends R> reply, boolean failed);

    /**
     * Gives the attempt back: its body never began, even if {@link #started} was reported, and never will. The engine starts the task
     * again if it is still wanted.
     */
    void returned();
}
