package dev.brigade.stress;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.infra.Status;

/**
 * What the check says of one test, or of the run as a whole.
 *
 * @param counts exact counts of what was seen
 * @param reasons why it failed; empty when it passed
 */
record Verdict(String name, String counts, List<String> reasons) {
    /** The name under which the run as a whole is judged. */
    static final String RUN = "the run";

    boolean passed() {
        return reasons.isEmpty();
    }

    /** Judges each selected test, in the order of their names; a test without a result fails. */
    static List<Verdict> of(Selection selection, Blob blob) {
        Map<String, Observed> seen = blob.tests().stream()
                .collect(Collectors.toMap(Observed::name, Function.identity(), (a, b) -> a, TreeMap::new));
        List<Verdict> verdicts = new ArrayList<>();
        for (String name : selection.names()) {
            verdicts.add(seen.containsKey(name) ? of(seen.get(name)) : notRun(name));
        }
        return verdicts;
    }

    private static Verdict notRun(String name) {
        return new Verdict(
                name,
                "",
                List.of("selected, but did not run to an end: jcstress leaves out, without a word, a test"
                        + " with more actors than processors"));
    }

    private static Verdict of(Observed test) {
        List<String> reasons = new ArrayList<>();
        if (test.status() != Status.NORMAL) {
            reasons.add("ended with " + test.status() + ": " + String.join(" | ", test.messages()));
        }
        for (Observed.Row row : test.rows()) {
            if (row.expect() == Expect.FORBIDDEN && row.count() > 0) {
                reasons.add(
                        "forbidden outcome [" + row.outcome() + "] seen " + row.count() + " times: " + row.meaning());
            }
        }
        if (test.samples() == 0) {
            reasons.add("ran without taking a sample");
        } else if (!test.passed() && reasons.isEmpty()) {
            reasons.add("did not pass jcstress's own grading: " + test.counts());
        }
        for (String wanted : Selection.mustObserve(test.name())) {
            if (!test.saw(wanted)) {
                reasons.add("outcome [" + wanted + "] must be seen, and was not, in " + test.samples() + " samples");
            }
        }
        return new Verdict(test.name(), test.counts(), reasons);
    }

    /** A test that ran and failed explains why jcstress ended with an error. */
    private boolean saysWhy() {
        return !passed() && !counts.isEmpty();
    }

    /** Judges the run itself. */
    static Verdict of(
            Selection selection, String filter, JcstressLauncher.Ended ended, List<Verdict> tests, String log) {
        List<String> reasons = new ArrayList<>();
        if (selection.isEmpty()) {
            reasons.add("no test is selected by \"" + filter + "\": is META-INF/TestList in the jar?");
        } else if (ended.timedOut()) {
            reasons.add("still running at the deadline: killed with its descendants, " + ended.killed()
                    + " processes in all");
        } else if (ended.exitCode() != 0 && tests.stream().noneMatch(Verdict::saysWhy)) {
            reasons.add("jcstress ended with exit code " + ended.exitCode() + ": " + log);
        }
        return new Verdict(RUN, selection.names().size() + " tests selected", reasons);
    }

    /** One line that {@link #parse} reads back. */
    String line() {
        String why = String.join("; ", reasons).replaceAll("\\s+", " ");
        return String.join("\t", passed() ? "PASS" : "FAIL", name, counts, why);
    }

    /** Reads {@link #line()}. */
    static Verdict parse(String line) {
        String[] cells = line.split("\t", -1);
        return new Verdict(cells[1], cells[2], cells[0].equals("PASS") ? List.of() : List.of(cells[3]));
    }
}
