package dev.brigade.process.config;

/** Gets what workers print. */
@FunctionalInterface
public interface LineSink {
    /**
     * Gets one line.
     *
     * @param worker the worker's name
     * @param task the task's, empty when unknown
     * @param line the line, without its end
     */
    void line(String worker, String task, String line);
}
