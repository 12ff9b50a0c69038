package dev.brigade.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.PostDiscoveryFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** The kit itself is tested by broken runners: a rule whose breakage no test notices is not covered. */
class MutationTest {
    private static final String PATIENCE_MILLIS = "2000";

    @Test
    void everyRuleHasATestThatABrokenRunnerFails() throws IOException {
        List<String> table = new ArrayList<>(List.of("| rule | a runner that | is caught by |", "|---|---|---|"));
        List<String> missed = new ArrayList<>();
        Set<Integer> rules = new HashSet<>();
        for (Mutant mutant : Mutants.all()) {
            Set<String> caughtBy = failures(mutant);
            rules.add(mutant.rule());
            table.add("| " + mutant.rule() + " | " + mutant.name() + " | " + String.join(", ", caughtBy) + " |");
            if (caughtBy.isEmpty()) {
                missed.add(mutant.toString());
            }
        }
        String text = String.join(System.lineSeparator(), table) + System.lineSeparator();
        System.out.println(text);
        Files.createDirectories(Path.of("target"));
        Files.writeString(Path.of("target", "mutation-table.md"), text);
        assertEquals(List.of(), missed, "broken, and no test noticed");
        assertEquals(IntStream.rangeClosed(1, Rule.COUNT).boxed().collect(Collectors.toSet()), rules);
    }

    /** Without this, an impatient test would count as one that catches. */
    @Test
    void theSoundRunnerPassesWithAsLittlePatience() {
        assertEquals(Set.of(), failures(new Mutant(0, "is sound", Mutants::threads)));
    }

    @Test
    void everyRuleHasATest() {
        Set<Integer> rules = new TreeSet<>();
        for (var method : RunnerContract.class.getMethods()) {
            Rule rule = method.getAnnotation(Rule.class);
            if (rule != null) {
                rules.add(rule.value());
            }
        }
        assertEquals(IntStream.rangeClosed(1, Rule.COUNT).boxed().collect(Collectors.toSet()), rules);
    }

    /** Runs the tests of the mutant's rule, of all rules when that is 0; those that failed. */
    private static Set<String> failures(Mutant mutant) {
        MutantContract.CURRENT.set(mutant);
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(MutantContract.class))
                .filters((PostDiscoveryFilter) test -> FilterResult.includedIf(isOf(mutant.rule(), test)))
                .configurationParameter(BenchExtension.PATIENCE, PATIENCE_MILLIS)
                .build();
        Failures failures = new Failures();
        LauncherFactory.create().execute(request, failures);
        assertTrue(failures.ran > 0, () -> "no test of rule " + mutant.rule());
        return failures.names;
    }

    private static boolean isOf(int rule, TestDescriptor test) {
        return !(test.getSource().orElse(null) instanceof MethodSource source)
                || rule == 0
                || source.getJavaMethod().getAnnotation(Rule.class).value() == rule;
    }

    private static final class Failures implements TestExecutionListener {
        private final Set<String> names = new TreeSet<>();
        private int ran;

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            if (test.isTest()) {
                ran++;
                if (result.getStatus() == TestExecutionResult.Status.FAILED
                        && test.getSource().orElse(null) instanceof MethodSource source) {
                    names.add(source.getMethodName());
                }
            }
        }
    }
}
