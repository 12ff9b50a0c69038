package dev.brigade.faults;

import dev.brigade.runner.ProcessRunner.Channel;
import java.util.stream.Stream;

/** How much the tests do that do the same thing often: a short form with the other tests, a long one with {@code -Psoak}. */
final class Soak {
    /** Whether this is the long form. */
    static final boolean LONG = Boolean.getBoolean("brigade.soak");

    private Soak() {}

    /** For tests that have little to do with the channel: one kind in the short form, all in the long one. */
    static Stream<Channel> channels() {
        return LONG ? Stream.of(Channel.UNIX, Channel.TCP) : Stream.of(Channel.UNIX);
    }

    static int times(int shortForm, int longForm) {
        return LONG ? longForm : shortForm;
    }
}
