package dev.brigade;

/**
 * A line that a worker process has printed. Text without an end of line becomes a line when its task ends or its worker exits. It is
 * lost if the worker is halted, crashes or is killed.
 *
 * <p><b>Thread safety</b>: immutable.
 *
 * @param line the line, without its end; a line of more than 64 KiB comes in pieces
 * @param worker the worker's name
 * @param task the batch's name and the input's index ({@code "resize #12"}). A question mark at its end says that it is only probable:
 *     the line bypassed {@code System.out}, or came from a thread that works for several tasks. Empty when unknown, and for a thread
 *     started by a task that is over
 */
public record WorkerOutput(String line, String worker, String task) {}
