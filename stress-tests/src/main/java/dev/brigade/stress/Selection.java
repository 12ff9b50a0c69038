package dev.brigade.stress;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.openjdk.jcstress.infra.runners.TestList;

/**
 * The tests that a run must run: what the compiled list names, the form takes in and the filter matches.
 *
 * <p>jcstress is handed these names one by one, so that "selected" means the same to it and to the check afterwards.
 */
record Selection(SortedSet<String> names) {
    /** A test asked for by name runs in any form; an empty filter asks for the form's own tests. */
    static Selection of(StressForm form, String filter) {
        if (Selection.class.getResource(TestList.LIST) == null) {
            return new Selection(new TreeSet<>());
        }
        Pattern wanted = Pattern.compile(filter);
        return new Selection(TestList.tests().stream()
                .filter(name -> wanted.matcher(name).find())
                .filter(name -> !filter.isEmpty() || takes(form, name))
                .collect(Collectors.toCollection(TreeSet::new)));
    }

    /** The tests in these results that must show an outcome and have not. */
    static Selection unseenIn(Blob blob) {
        return new Selection(blob.tests().stream()
                .filter(test -> !mustObserve(test.name()).stream().allMatch(test::saw))
                .map(Observed::name)
                .collect(Collectors.toCollection(TreeSet::new)));
    }

    private static boolean takes(StressForm form, String name) {
        Class<?> test = classOf(name);
        RunsFrom own = test.getAnnotation(RunsFrom.class);
        Class<?> lesson = test.getEnclosingClass();
        RunsFrom from = own != null || lesson == null ? own : lesson.getAnnotation(RunsFrom.class);
        return from == null || form.compareTo(from.value()) >= 0;
    }

    /** What the test says it must show; empty when it says nothing. */
    static List<String> mustObserve(String name) {
        MustObserve must = classOf(name).getAnnotation(MustObserve.class);
        return must == null ? List.of() : List.of(must.value());
    }

    private static Class<?> classOf(String name) {
        String binary = TestList.getInfo(name).binaryName();
        try {
            return Class.forName(binary, false, Selection.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("Test " + name + " is listed, but its class " + binary + " is missing", e);
        }
    }

    boolean isEmpty() {
        return names.isEmpty();
    }

    /** A regular expression that matches these names and no other. */
    String asFilter() {
        return names.stream().map(Pattern::quote).collect(Collectors.joining("|", "^(?:", ")$"));
    }
}
