package dev.brigade.process.connection;

import java.util.ArrayDeque;
import java.util.List;

/** The last lines of what a worker wrote to stderr; for exceptions. Its lock guards the lines. */
public final class StderrTail {
    private static final int MAX_LINES = 50;
    private static final int MAX_LINE_CHARS = 1000;

    private final ArrayDeque<String> lines = new ArrayDeque<>();

    public synchronized void add(String line) {
        if (lines.size() == MAX_LINES) {
            lines.removeFirst();
        }
        lines.add(line.length() > MAX_LINE_CHARS ? line.substring(0, MAX_LINE_CHARS) + "..." : line);
    }

    public synchronized List<String> lines() {
        return List.copyOf(lines);
    }
}
