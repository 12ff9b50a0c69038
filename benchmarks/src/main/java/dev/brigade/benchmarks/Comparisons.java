package dev.brigade.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** All comparisons, in the order in which they run. */
final class Comparisons {
    /** A comparison that never ends, for the harness's own test; not among all. */
    static final String HANGING = "hanging";

    private Comparisons() {}

    static List<Comparison> all() {
        List<Comparison> all = new ArrayList<>();
        all.add(new InProcess());
        all.addAll(ExchangeComparisons.all());
        all.addAll(LifecycleComparisons.all());
        all.addAll(ScalingComparisons.all());
        return all;
    }

    static Comparison byId(String id) {
        if (id.equals(HANGING)) {
            return new SimpleComparison(
                    HANGING, "", "", Unit.NANOS, "", false, new SimpleComparison.Limits(2, 2), bench -> {
                        bench.sample("", "sleeper", 1);
                        Thread.sleep(60_000);
                    });
        }
        return all().stream()
                .filter(comparison -> comparison.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no comparison is called " + id + "; there are "
                        + all().stream().map(Comparison::id).toList()));
    }
}
