package dev.brigade.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** All stands, in the order in which they run. */
final class Stands {
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
        return all().stream()
                .filter(stand -> stand.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no stand is called " + id + "; there are "
                        + all().stream().map(Stand::id).toList()));
    }
}
