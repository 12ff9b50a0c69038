package dev.brigade;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What all runners make of the stages of asynchronous bodies, so that a body means the same on each: for implementers of runners.
 *
 * <p><b>Thread safety</b>: all methods, from any thread.
 */
public final class Stages {
    /** A chain of causes that is longer goes in a circle. */
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
     * @throws Exception what the stage failed with, as {@link #unwrapped} gives it: also an Error or another Throwable
     */
    public static <T> T await(CompletionStage<T> stage) throws Exception {
        CompletableFuture<T> future = future(requireStage(stage));
        try {
            return future.get(); // not join, which cannot be interrupted
        } catch (InterruptedException e) {
            throw e;
        } catch (Throwable e) {
            // What get throws differs between JDKs, and is something else again where the failure's own text throws.
            Throwable failure = future.handle((value, thrown) -> thrown).getNow(null);
            throw Stages.<RuntimeException>thrown(unwrapped(failure == null ? e : failure));
        }
    }

    /**
     * Refuses null as what an asynchronous body returned.
     *
     * @param stage what it returned
     * @param <S> its type
     * @return {@code stage}
     * @throws NullPointerException when it is null; the message says that a stage was expected
     */
    public static <S> S requireStage(@Nullable S stage) {
        return Objects.requireNonNull(stage, "start() returned null instead of a CompletionStage");
    }

    /**
     * A stage as a future that can be waited for, also where the stage refuses {@link CompletionStage#toCompletableFuture}, as it may.
     *
     * @param stage the stage
     * @param <T> the type of its result
     * @return a future that completes as the stage does; completing it need not change the stage
     */
    public static <T> CompletableFuture<T> future(CompletionStage<T> stage) {
        if (stage instanceof CompletableFuture<T> own) {
            return own.toCompletableFuture(); // which may help with what it waits for
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
     * What a stage failed with, without the {@link CompletionException}s that stages put around it.
     *
     * @param failure what the stage completed with
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

    /** Null also where asking throws. */
    private static @Nullable Throwable causeOf(Throwable failure) {
        try {
            return failure.getCause();
        } catch (Throwable e) {
            return null;
        }
    }

    /** Lets through what no signature names: a body's own subclass of Throwable. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // erased, so nothing is cast
    private static <E extends Throwable> E thrown(Throwable failure) throws E {
        throw (E) failure;
    }
}
