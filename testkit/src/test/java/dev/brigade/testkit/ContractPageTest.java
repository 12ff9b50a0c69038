package dev.brigade.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.brigade.Capability;
import dev.brigade.Runner;
import dev.brigade.runner.AsyncRunner;
import dev.brigade.runner.ProcessRunner;
import dev.brigade.runner.SequentialRunner;
import dev.brigade.runner.ThreadRunner;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Checks {@code docs/contract.md} against the code. */
class ContractPageTest {
    private static final Path PAGE = Path.of("..", "docs", "contract.md");
    private static final Pattern LINK = Pattern.compile("\\[(\\w+)]\\((\\.\\./[^)]+)\\)");

    @Test
    void theTableOfCapabilitiesIsRight() throws IOException {
        assertRow("`SequentialRunner`", SequentialRunner.of());
        assertRow("`ThreadRunner`", ThreadRunner.of());
        ExecutorService executor = Executors.newCachedThreadPool();
        try {
            assertRow("`ThreadRunner.over(executor)`", ThreadRunner.over(executor));
        } finally {
            executor.shutdownNow();
        }
        assertRow("`AsyncRunner`", AsyncRunner.of());
        assertRow("`ProcessRunner`", ProcessRunner.of());
    }

    @Test
    void theTableIsRightOnVirtualThreads() throws IOException {
        assumeTrue(Runtime.version().feature() >= 21, "virtual threads need JDK 21");
        assertRow("`ThreadRunner.virtual()` (JDK 21)", ThreadRunner.virtual());
    }

    private static void assertRow(String name, Runner runner) throws IOException {
        StringBuilder row = new StringBuilder("| ").append(name).append(" |");
        try (runner) {
            for (Capability capability : Capability.values()) {
                row.append(runner.capabilities().contains(capability) ? " yes |" : " no |");
            }
            boolean processors = runner.maxConcurrency() == Runtime.getRuntime().availableProcessors();
            String asNumber = row + " " + runner.maxConcurrency() + " |";
            String asProcessors = row + " processors |";
            List<String> lines = Files.readAllLines(PAGE);
            assertTrue(lines.contains(asNumber) || (processors && lines.contains(asProcessors)), asNumber);
        }
    }

    @Test
    void eachTestIsLinkedUnderItsRule() throws IOException {
        List<String> sections = List.of(Files.readString(PAGE).split("(?m)^### ", -1));
        assertEquals(Rule.COUNT, sections.size() - 1);
        List<String> missing = new ArrayList<>();
        for (Method method : RunnerContract.class.getMethods()) {
            Rule rule = method.getAnnotation(Rule.class);
            if (rule == null) {
                continue;
            }
            String section = sections.get(rule.value());
            assertTrue(section.startsWith(rule.value() + ". "), section);
            if (!section.contains("- [" + method.getName() + "](")) {
                missing.add(rule.value() + ": " + method.getName());
            }
        }
        assertEquals(List.of(), missing);
    }

    @Test
    void eachLinkLeadsToItsTest() throws IOException {
        List<MatchResult> links = LINK.matcher(Files.readString(PAGE)).results().toList();
        assertTrue(links.size() > Rule.COUNT, "there are links");
        for (MatchResult link : links) {
            String source = Files.readString(PAGE.resolveSibling(link.group(2)));
            assertTrue(source.contains(link.group(1)), link::group);
        }
    }
}
