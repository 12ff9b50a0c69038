package dev.brigade;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Handles the stages of asynchronous bodies, for implementers of runners: a body means the same on all of them.
 *
 * <p><b>Thread safety</b>: all methods, from any thread.
 */
public final class Stages {
    /** A longer chain of causes is taken for a cycle. */
    private static final int MAX_WRAPPERS = 1000;

    private Stages() {}

    /**
     * Waits for a stage.
     *
     * @param stage the stage; null, as a body may return it, is a failure
     * @param <T> the type of its result
     * @return its result, perhaps null
     * @throws InterruptedException when interrupted while waiting; the stage goes on
     * @throws NullPointerException when {@code stage} is null
     * @throws Exception the stage's failure, as {@link #unwrapped} returns it: an Error or another Throwable, too
     */
    public static <T> T await(CompletionStage<T> stage) throws Exception {
        CompletableFuture<T> future = future(requireStage(stage));
        try {
            return future.get(); // not join, which cannot be interrupted
        } catch (InterruptedException e) {
            throw e;
        } catch (Throwable e) {
            // The exception of get() differs between JDKs, and also if the failure's toString throws.
            Throwable failure = future.handle((value, thrown) -> thrown).getNow(null);
            throw Stages.<RuntimeException>thrown(unwrapped(failure == null ? e : failure));
        }
    }

    /**
     * Refuses null as the stage of an asynchronous body.
     *
     * @param stage the object that the body returned
     * @param <S> its type
     * @return {@code stage}
     * @throws NullPointerException when it is null; the message says that a stage was expected
     */
    public static <S> S requireStage(@Nullable S stage) {
        return Objects.requireNonNull(stage, "start() returned null instead of a CompletionStage");
    }

    /**
     * Returns a future of a stage, to wait for, even if the stage refuses {@link CompletionStage#toCompletableFuture}, as it may.
     *
     * @param stage the stage
     * @param <T> the type of its result
     * @return a future that completes as the stage does; completing it need not change the stage
     */
    public static <T> CompletableFuture<T> future(CompletionStage<T> stage) {
        if (stage instanceof CompletableFuture<T> own) {
            return own.toCompletableFuture(); // no copy: a future of a runner may run the awaited task
        }
        CompletableFuture<T> made = new CompletableFuture<>();
        CompletionStage<T> ignored = stage.whenComplete((value, failure) -> {
            if (failure == null) {
                made.complete(value);
            } else {
                made.completeExceptionally(failure);
            }
        });
        return made;
    }

    /**
     * Returns the failure of a stage, without the {@link CompletionException}s that stages wrap around it.
     *
     * @param failure the exception that the stage completed with
     * @return the innermost cause of nested CompletionExceptions; {@code failure} itself when it is none, or has no cause
     */
    public static Throwable unwrapped(Throwable failure) {
        Throwable inner = failure;
        for (int i = 0; i < MAX_WRAPPERS && inner instanceof CompletionException; i++) {
            Throwable cause = causeOf(inner);
            if (cause == null) {
                return inner;
            }
            inner = cause;
        }
        return inner;
    }

    /** Returns null also if getCause throws. */
    private static @Nullable Throwable causeOf(Throwable failure) {
        try {
            return failure.getCause();
        } catch (Throwable e) {
            return null;
        }
    }

    /** Throws any throwable, such as a body's own subclass of Throwable, that no signature declares. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // erased, so nothing is cast
    private static <E extends Throwable> E thrown(Throwable failure) throws E {
        throw (E) failure;
    }
}
