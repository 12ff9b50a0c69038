package dev.brigade.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
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

/** Tests the kit with broken runners: a rule is not covered if no test fails on a runner that breaks it. */
class MutationTest {
    private static final String PATIENCE_MILLIS = "4000";
    private static final int AT_ONCE = 8;

    @Test
    void everyRuleHasATestThatABrokenRunnerFails() throws Exception {
        List<Mutant> mutants = Mutants.all();
        List<Set<String>> caughtBy = failuresOfAll(mutants.size());
        List<String> table = new ArrayList<>(List.of("| rule | a runner that | is caught by |", "|---|---|---|"));
        List<Mutant> missed = new ArrayList<>();
        for (int i = 0; i < mutants.size(); i++) {
            Mutant mutant = mutants.get(i);
            table.add("| " + mutant.rule() + " | " + mutant.name() + " | " + String.join(", ", caughtBy.get(i)) + " |");
            Set<String> names = caughtBy.get(i);
            if (mutant.test().isEmpty() ? names.isEmpty() : !names.contains(mutant.test())) {
                missed.add(mutant);
            }
        }
        String text = String.join(System.lineSeparator(), table) + System.lineSeparator();
        System.out.println(text);
        Files.createDirectories(Path.of("target"));
        Files.writeString(Path.of("target", "mutation-table.md"), text);
        assertEquals(List.of(), missed, "broken, and no test noticed");
        assertEquals(allRules(), mutants.stream().map(Mutant::rule).collect(Collectors.toSet()));
    }

    /** Without this, a test that is only too impatient would count as catching a mutant. */
    @Test
    void theSoundRunnerPassesWithAsLittlePatience() {
        assertEquals(Set.of(), failures(MutantContract.NONE));
    }

    private static Set<Integer> allRules() {
        return IntStream.rangeClosed(1, Rule.COUNT).boxed().collect(Collectors.toSet());
    }

    /** Runs several mutants at once: tests that fail mostly wait. */
    private static List<Set<String>> failuresOfAll(int mutants) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE, ContractFixture::daemon);
        try {
            List<Set<String>> all = new ArrayList<>();
            List<Callable<Set<String>>> runs = IntStream.range(0, mutants)
                    .<Callable<Set<String>>>mapToObj(i -> () -> failures(i))
                    .toList();
            for (Future<Set<String>> one : threads.invokeAll(runs)) {
                all.add(one.get());
            }
            return all;
        } finally {
            threads.shutdownNow();
        }
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
        assertEquals(allRules(), rules);
    }

    /** Runs the tests of the mutant's rule, or of all rules for {@link MutantContract#NONE}; returns the tests that failed. */
    private static Set<String> failures(int index) {
        int rule = index == MutantContract.NONE ? 0 : Mutants.all().get(index).rule();
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(MutantContract.class))
                .filters((PostDiscoveryFilter) test -> FilterResult.includedIf(isOf(rule, test)))
                .configurationParameter(ContractFixtureExtension.PATIENCE, PATIENCE_MILLIS)
                .configurationParameter(MutantContract.MUTANT, String.valueOf(index))
                .configurationParameter("junit.jupiter.execution.parallel.enabled", String.valueOf(rule == 0))
                .configurationParameter("junit.jupiter.execution.parallel.mode.default", "concurrent")
                .build();
        Failures failures = new Failures();
        LauncherFactory.create().execute(request, failures);
        assertTrue(failures.ran.get() > 0, () -> "no test of rule " + rule);
        return failures.names;
    }

    private static boolean isOf(int rule, TestDescriptor test) {
        return !(test.getSource().orElse(null) instanceof MethodSource source)
                || rule == 0
                || source.getJavaMethod().getAnnotation(Rule.class).value() == rule;
    }

    private static final class Failures implements TestExecutionListener {
        private final Set<String> names = new ConcurrentSkipListSet<>();
        private final AtomicInteger ran = new AtomicInteger();

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            if (test.isTest()) {
                ran.incrementAndGet();
                if (result.getStatus() == TestExecutionResult.Status.FAILED
                        && test.getSource().orElse(null) instanceof MethodSource source) {
                    names.add(source.getMethodName());
                }
            }
        }
    }
}
