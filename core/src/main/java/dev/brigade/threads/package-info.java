/**
 * Threads that inherit nothing, and calls of users' code that cannot harm the thread that makes them. Not exported.
 *
 * <p>May use the words of {@link dev.brigade} alone; every other room may use this one.
 *
 * <p>Invariant: what a user's callback throws, a checked exception and an Error too, is reported and goes no further.
 */
@NullMarked
package dev.brigade.threads;

import org.jspecify.annotations.NullMarked;
