package dev.brigade.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** All stands, in the order in which they run. */
final class Stands {
    /** A stand that never ends, for the harness's own test; not among all. */
    static final String HANGING = "hanging";

    private Stands() {}

    static List<Stand> all() {
        List<Stand> all = new ArrayList<>();
        all.add(new InProcess());
        all.addAll(Exchanges.all());
        all.addAll(Lives.all());
        all.addAll(Scaling.all());
        return all;
    }

    static Stand byId(String id) {
        if (id.equals(HANGING)) {
            return new Measurement(HANGING, "", "", Unit.NANOS, "", false, new Measurement.Limits(2, 2), bench -> {
                bench.sample("", "sleeper", 1);
                Thread.sleep(60_000);
            });
        }
        return all().stream()
                .filter(stand -> stand.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no stand is called " + id + "; there are "
                        + all().stream().map(Stand::id).toList()));
    }
}
