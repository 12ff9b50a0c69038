package dev.brigade.faults;

import dev.brigade.WorkerChannel;
import java.util.stream.Stream;

/** The lengths of repetitive tests: a short form with the other tests, a long one with {@code -Psoak}. */
final class Soak {
    /** True in the long form. */
    static final boolean LONG = Boolean.getBoolean("brigade.soak");

    private Soak() {}

    /** Returns the channels for tests that depend little on the channel: one kind in the short form, all in the long one. */
    static Stream<WorkerChannel> channels() {
        return LONG ? Stream.of(WorkerChannel.UNIX, WorkerChannel.TCP) : Stream.of(WorkerChannel.UNIX);
    }

    static int times(int shortForm, int longForm) {
        return LONG ? longForm : shortForm;
    }
}
