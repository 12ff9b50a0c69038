/**
 * A runner seen as a {@link java.util.concurrent.ExecutorService}.
 *
 * <p>May use {@code core}, to which each command is a submitted task.
 *
 * <p>Invariant: a body that waits for a command of its own runner runs it itself when no other thread can.
 */
@NullMarked
package dev.brigade.engine.view;

import org.jspecify.annotations.NullMarked;
