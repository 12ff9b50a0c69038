package dev.brigade.examples;

import java.io.PrintStream;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import picocli.CommandLine;

/**
 * A progress bar on stderr for work that takes longer than a second; short work stays silent.
 *
 * <p>On a terminal it redraws one line; elsewhere, in a log say, it prints a line every few seconds.
 */
final class StderrProgressBar implements AutoCloseable {
    private static final long SILENT_NANOS = 1_000_000_000;
    private static final int WIDTH = 78;
    private static final boolean TERMINAL = CommandLine.Help.Ansi.AUTO.enabled();

    private final PrintStream err = System.err;
    private final long beginNanos = System.nanoTime();
    private final ProgressBar bar;

    /** What was drawn last; guarded by this. */
    private String lastLine = "";

    StderrProgressBar(String task, long total) {
        bar = new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(total)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(TERMINAL ? 100 : 3000)
                .setConsumer(new DelegatingProgressBarConsumer(this::draw, WIDTH))
                .build();
    }

    void to(long done) {
        bar.stepTo(done);
    }

    @Override
    public void close() {
        bar.close();
        if (TERMINAL && isLong()) {
            err.print("\r" + " ".repeat(WIDTH) + "\r"); // a row of the lesson's table takes its place
            err.flush();
        }
    }

    private boolean isLong() {
        return System.nanoTime() - beginNanos > SILENT_NANOS;
    }

    /** Called by the library's own thread, and once more when the bar is closed. */
    private synchronized void draw(String line) {
        if (isLong() && !line.equals(lastLine)) {
            lastLine = line;
            err.print(TERMINAL ? "\r" + line : line + System.lineSeparator());
            err.flush();
        }
    }
}
