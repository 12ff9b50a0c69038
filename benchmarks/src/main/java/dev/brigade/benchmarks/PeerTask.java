package dev.brigade.benchmarks;

import dev.brigade.Task;

/**
 * What all Java peers take: serializable, and callable.
 *
 * @param <T> the type of its result
 */
interface PeerTask<T> extends Task<T> {}
