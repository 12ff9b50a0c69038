package dev.brigade;

import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;

/** Waits for stages as the blocking runners do. */
final class Stages {
    private Stages() {}

    /** Waits with get, not join: join cannot be interrupted, and wraps what it throws once more. */
    static <T> T await(CompletionStage<T> stage) throws Exception {
        Objects.requireNonNull(stage, "start() returned null instead of a CompletionStage");
        try {
            return stage.toCompletableFuture().get();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof Exception exception) {
                throw exception;
            }
            if (cause instanceof Error error) {
                throw error;
            }
            throw e;
        }
    }
}
