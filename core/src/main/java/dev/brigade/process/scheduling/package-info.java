/**
 * The decisions of a process pool: which worker gets which attempt, when workers start and end, which attempt is blamed for a death.
 *
 * <p>{@link dev.brigade.process.scheduling.PoolState} is the state machine. It is pure: no thread, process, socket or file, and the time is
 * an argument, so that a simulation can run it. A decision appends its actions to one ordered queue,
 * {@code ActionQueue}, which does them outside the lock: each calls a method of a {@link dev.brigade.process.scheduling.PoolAttempt} or a
 * {@link dev.brigade.process.scheduling.WorkerRecord}, whose subclasses have the engine's attempt, the process and the connection.
 *
 * <p>Uses {@code protocol} for frames and {@code transport} for payloads. Invariants:
 *
 * <ul>
 *   <li>An attempt is in exactly one place: its batch's queue, one worker's queue, or settled. It is settled once, and started
 *       before that if ever.
 *   <li>The order of a worker's queue is the order of the frames that it is sent.
 *   <li>A slot is freed when its worker has been told to exit or is reaped; each launch ends in one reaping.
 *   <li>No batch is at more workers than its limit. Nothing waits while an idle worker may take it.
 * </ul>
 */
@NullMarked
package dev.brigade.process.scheduling;

import org.jspecify.annotations.NullMarked;
