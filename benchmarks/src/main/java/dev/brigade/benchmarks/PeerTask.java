package dev.brigade.benchmarks;

import dev.brigade.Task;

/**
 * A task for all Java peers: serializable, and callable.
 *
 * @param <T> the type of its result
 */
interface PeerTask<T> extends Task<T> {}
