/**
 * Threads that inherit nothing, and calls of users' code that cannot harm the calling thread. The package is not exported.
 *
 * <p>May use the types of {@link dev.brigade} alone; every other package may use this one.
 *
 * <p>Invariant: a throwable from a user's callback, even a checked exception or an Error, is reported and goes no further.
 */
@NullMarked
package dev.brigade.threads;

import org.jspecify.annotations.NullMarked;
