package dev.brigade.spi;

/**
 * One input, ready to start.
 *
 * @param <R> the type of the result
 */
@FunctionalInterface
public interface PreparedTask<R> {

    /**
     * Starts an attempt. A task may have several attempts, one after the other. Does not block, unless the backend is inline.
     *
     * @param attempt the engine's side
     * @return the backend's side
     */
    AttemptHandle start(Attempt<R> attempt);

    /**
     * Runs an attempt on the calling thread, and answers it with {@code run} before this returns. An earlier attempt of the session was
     * brought to this thread by {@code start}. Called only if the session {@link Session#takesTurns takes turns}.
     *
     * @param attempt the engine's side
     */
    default void run(Attempt<R> attempt) {
        throw new UnsupportedOperationException("this session takes no turns");
    }

    /**
     * Returns the memory that this input takes besides the caller's own object.
     *
     * @return the encoded size in bytes; 0 where nothing is encoded
     */
    default long bytes() {
        return 0;
    }
}
