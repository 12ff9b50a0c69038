package dev.brigade;

/**
 * A line that a worker process has printed. What is printed without an end of line is a line when its task ends or its worker exits;
 * it is lost where the worker is halted, crashes or is killed.
 *
 * <p><b>Thread safety</b>: immutable.
 *
 * @param line the line, without its end; one of more than 64 KiB comes in pieces
 * @param worker the worker's name
 * @param task the call's name and the input's index ({@code "resize #12"}); with a question mark at its end when it is only
 *     probable, since the line came past {@code System.out} or from a thread that works for several tasks; empty when unknown, and
 *     for a thread that a task which is over had started
 */
public record WorkerOutput(String line, String worker, String task) {}
