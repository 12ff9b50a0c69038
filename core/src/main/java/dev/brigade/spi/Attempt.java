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
     * Runs a body on the calling thread: binds its context, times it, lets it be interrupted, and reports its end. Throws
     * nothing. Does not run the body when the attempt has been stopped already.
     *
     * @param worker the name of what runs it, for the outcome
     * @param body the body
     */
    void run(String worker, Callable<? extends R> body);

    /**
     * Starts an asynchronous body on the calling thread and returns; the end is reported when its stage completes.
     *
     * @param worker the name of what runs it, for the outcome
     * @param start starts the body
     */
    void runAsync(String worker, Callable<? extends CompletionStage<? extends R>> start);

    /**
     * Starts an asynchronous body on the calling thread and waits for its stage; an interrupt by the engine ends the wait,
     * but the end is reported when the stage completes.
     *
     * @param worker the name of what runs it, for the outcome
     * @param start starts the body
     */
    void runAndWait(String worker, Callable<? extends CompletionStage<? extends R>> start);

    /**
     * The place of the input in its call.
     *
     * @return from 0
     */
    long index();

    /**
     * Which attempt this is.
     *
     * @return 1 for the first
     */
    int number();

    /**
     * The time that the whole call has left.
     *
     * @return the time, perhaps negative; empty when there is no limit
     */
    Optional<Duration> callRemaining();

    /**
     * Says that the body has begun, elsewhere: the task's clock starts.
     *
     * @param worker the name of what runs it, for the outcome
     */
    void started(String worker);

    /**
     * Says that the body is gone, and how it ended. What the calling thread does next must not depend on user code: the
     * engine runs none on it.
     *
     * @param value the result; null when there is a failure
     * @param failure what it threw, or what happened to it; null when it returned
     */
    void ended(@Nullable R value, @Nullable Throwable failure);

    /**
     * Says that the body is gone and left a result that is still encoded.
     *
     * @param reply returns the result or throws the failure; called once at most, later, on a thread that may run user code
     * @param failed whether it holds a failure
     */
    void endedEncoded(Callable<? extends R> reply, boolean failed);

    /** Says that the body never began, whatever was {@link #started}, and never will: if it is wanted, it is started again. */
    void returned();
}
