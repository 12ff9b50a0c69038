package dev.brigade.stress;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** How much a run does: each form runs what the one before it runs, for longer and in more configurations. */
public enum StressForm {
    /** Every build: one configuration (two on JDK 17, which still has biased locking), a fraction of a second each. */
    SMOKE(Duration.ofMinutes(6), "-sc", "false", "-iters", "2", "-time", "100", "-pth", "false"),
    /** One test by name, or all of them in a coffee break: the garbage collectors and compilers that jcstress tries. */
    QUICK(Duration.ofMinutes(90), "-m", "quick", "-sc", "false"),
    /** Hours: jcstress's default mode, each actor compiled in each of its ways, and loops that may never end. */
    FULL(Duration.ofHours(16), "-m", "default");

    private final Duration deadline;
    private final List<String> arguments;

    StressForm(Duration deadline, String... arguments) {
        this.deadline = deadline;
        this.arguments = List.of(arguments);
    }

    /** How long the run may take before it is taken for hung. */
    public Duration deadline() {
        return deadline;
    }

    /** The options for jcstress 0.16, where the caller's replace the form's: jcstress takes none of them twice. */
    List<String> argumentsWith(List<String> extra) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i += 2) {
            if (!extra.contains(arguments.get(i))) {
                all.addAll(arguments.subList(i, i + 2));
            }
        }
        all.addAll(extra);
        return all;
    }

    /** Whether jcstress is to keep to one JVM configuration: giving any JVM argument makes it do so. */
    boolean oneConfiguration() {
        return this == SMOKE;
    }

    /** The form's name as written on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    static StressForm of(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT));
    }
}
