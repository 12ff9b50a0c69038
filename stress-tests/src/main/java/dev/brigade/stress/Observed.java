package dev.brigade.stress;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.infra.Status;

/**
 * What one jcstress test showed in one run, over all its configurations.
 *
 * @param configurations how many ways of running the JVM were tried
 * @param racy in how many of them an outcome was seen that is not simply acceptable
 */
record Observed(
        String name,
        Status status,
        boolean passed,
        int configurations,
        int racy,
        List<Row> rows,
        List<String> messages) {

    /** One outcome and how often it was seen. */
    record Row(String outcome, Expect expect, long count, String meaning) {}

    long samples() {
        return rows.stream().mapToLong(Row::count).sum();
    }

    /** The outcome's share of all samples, between 0 and 1. */
    double share(Row row) {
        return samples() == 0 ? 0 : (double) row.count() / samples();
    }

    boolean saw(String outcomes) {
        Pattern pattern = Pattern.compile(outcomes);
        return rows.stream()
                .filter(row -> row.count() > 0)
                .anyMatch(row -> pattern.matcher(row.outcome()).matches());
    }

    /** The name without its package: what a reader calls it by. */
    String shortName() {
        return shortName(name);
    }

    static String shortName(String name) {
        return name.replaceFirst("^(?:[a-z]\\w*\\.)+", "");
    }

    /** Exact counts of the outcomes seen, on one line. */
    String counts() {
        return rows.stream()
                .filter(row -> row.count() > 0)
                .map(row -> "[" + row.outcome() + "]=" + row.count())
                .collect(Collectors.joining(" "));
    }
}
