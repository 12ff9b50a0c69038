/**
 * The view of a runner as a {@link java.util.concurrent.ExecutorService}.
 *
 * <p>May use {@code core}, which runs each command as a submitted task.
 *
 * <p>Invariant: a body that waits for a command of its own runner runs it itself when no other thread can.
 */
@NullMarked
package dev.brigade.engine.view;

import org.jspecify.annotations.NullMarked;
