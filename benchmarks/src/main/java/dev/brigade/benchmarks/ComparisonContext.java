package dev.brigade.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The context of a comparison: the form of the run, the Python to use, and the file to which it writes its samples. */
final class ComparisonContext {
    private final BenchmarkForm form;
    private final String python;
    private final Path book;

    ComparisonContext(BenchmarkForm form, String python, Path book) {
        this.form = form;
        this.python = python;
        this.book = book;
    }

    BenchmarkForm form() {
        return form;
    }

    /** The command that starts Python; perhaps there is none. */
    String python() {
        return python;
    }

    void sample(String column, String peer, double value) {
        write(Sample.of(column, peer, value));
    }

    /** There is no figure of that peer there, or anywhere when the column is empty. */
    void trouble(String column, String peer, String reason) {
        write(Sample.trouble(column, peer, reason));
    }

    private synchronized void write(Sample sample) {
        try {
            Files.writeString(book, sample.toLine() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
