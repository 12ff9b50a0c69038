package dev.brigade.examples;

import java.io.IOException;
import java.util.Locale;

/** What the bad task of the lesson {@code crash} does to its JVM. */
enum CrashKind {
    /** Ends it at once, as {@code System.exit} in some library might. */
    HALT("exit code 3"),
    /** Breaks it as a bug in native code does: a segmentation fault, on which the JVM aborts. For Linux and macOS. */
    SEGV("a crash");

    private final String end;

    CrashKind(String end) {
        this.end = end;
    }

    /** Does it; does not return. */
    int commit() throws IOException, InterruptedException {
        if (this == HALT) {
            Runtime.getRuntime().halt(3);
        }
        String me = String.valueOf(ProcessHandle.current().pid());
        new ProcessBuilder("sh", "-c", "kill -SEGV " + me).start().waitFor();
        Thread.sleep(60_000); // the signal comes sooner
        throw new IllegalStateException("still alive");
    }

    /** Whether this is how somebody says that a JVM ended. */
    boolean isSeenIn(String said) {
        return said.equals(end);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
