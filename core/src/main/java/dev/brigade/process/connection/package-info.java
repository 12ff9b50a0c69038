/**
 * The parent's end of the connections: the listening socket, the workers' sockets and result rings, the event loop that reads them,
 * and the output of workers.
 *
 * <p>May use {@code scheduling}, which it tells of what workers send, and {@code protocol}, which has the frames.
 *
 * <p>Invariant: reading happens on the event loop's thread, and never blocks there. Any thread may queue and write frames
 * ({@code ConnectedWorker}, {@code FrameFlusher}), wake the event loop and post to it; {@code StderrTail} and {@code OutputDispatcher} are
 * called by helper threads too.
 */
@NullMarked
package dev.brigade.process.connection;

import org.jspecify.annotations.NullMarked;
