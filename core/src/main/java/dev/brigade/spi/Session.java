package dev.brigade.spi;

/**
 * The starts of one call.
 *
 * @param <I> the type of the inputs
 * @param <R> the type of the results
 */
@FunctionalInterface
public interface Session<I, R> extends AutoCloseable {

    /**
     * How many starts this session takes now. A session that returned 0 is asked again after a task of this backend ended or was
     * returned.
     *
     * @return 0 or more; when the backend does not {@link ExecutionBackend#queuesAhead queue ahead}, the engine's own count holds as well
     */
    default int room() {
        return Integer.MAX_VALUE;
    }

    /**
     * Gets an input ready, on the thread that pulled it: what must be encoded is encoded now, once for all attempts.
     *
     * @param input the input, perhaps null
     * @return what can be started
     * @throws Exception when the input cannot be transported; that input alone fails with it
     */
    PreparedTask<R> prepare(I input) throws Exception;

    /**
     * Whether a thread that has run one body of this session may run the next ones too, each by {@link PreparedTask#run}, without
     * a start for each. Asked once.
     *
     * @return true where bodies run on threads of this JVM that are not made for one body each
     */
    default boolean takesTurns() {
        return false;
    }

    /** Ends a burst of starts: what was gathered is sent. */
    default void flush() {}

    /** The call is over: nothing more is prepared or started, and nothing runs any more. */
    @Override
    default void close() {}
}
