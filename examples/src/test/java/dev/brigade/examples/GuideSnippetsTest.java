package dev.brigade.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Outcome;
import dev.brigade.Outcomes;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.TaskFunction;
import dev.brigade.runner.AsyncRunner;
import dev.brigade.runner.ProcessRunner;
import dev.brigade.runner.ThreadRunner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The Java code of the guide, between its marks, compiled and run; {@link GuideTest} compares it with the page. */
@Timeout(60)
class GuideSnippetsTest {
    private final List<String> addresses = List.of("a", "bb", "ccc");
    private final List<Integer> limits = List.of(1, 2, 3);
    private final List<String> documents = List.of("good", "bad");
    private final List<Object> seen = new ArrayList<>();

    @Test
    void twoStages() throws Exception {
        // guide: two stages
        try (Runner loop = AsyncRunner.builder().maxConcurrency(4).build();
                Runner cores = ThreadRunner.of();
                Outcomes<String, String> pages = loop.mapOutcomes(addresses, TaskFunction.async(Web::get))) {
            Iterable<String> texts = () -> pages.stream().map(Outcome::value).iterator();
            List<Integer> words = cores.map(texts, Web::countWords);
            // guide: (not shown)
            assertEquals(List.of(3, 3, 3), words);
            // guide: (shown)
        }
        // guide: end
    }

    @Test
    void simpleExample() throws Exception {
        // guide: simple example
        try (Runner threads = ThreadRunner.of(10)) {
            List<String> pages = threads.map(addresses, Web::fetch);
            // guide: (not shown)
            seen.addAll(pages);
            // guide: (shown)
        }

        try (Runner processes = ProcessRunner.of()) {
            List<Long> sums = processes.map(limits, Web::sumOfSquares);
            // guide: (not shown)
            seen.addAll(sums);
            // guide: (shown)
        }
        // guide: end
        assertEquals(List.of("the page a", "the page bb", "the page ccc", 1L, 5L, 14L), seen);
    }

    @Test
    void aFailureDoesNotEndTheBatch() {
        // guide: outcomes
        RunOptions options =
                RunOptions.builder().taskTimeout(Duration.ofSeconds(2)).build();
        try (Runner processes = ProcessRunner.of(2);
                Outcomes<String, Integer> outcomes = processes.mapOutcomes(documents, Web::convert, options)) {
            for (Outcome<String, Integer> outcome : outcomes) {
                System.out.println(outcome.input() + ": " + outcome.state() + " " + outcome.exception());
                // guide: (not shown)
                seen.add(outcome.input() + " " + outcome.isSuccess());
                // guide: (shown)
            }
        }
        // guide: end
        assertTrue(seen.containsAll(List.of("good true", "bad false")), seen::toString);
    }

    /** What the guide's code calls. */
    private static final class Web {
        static String fetch(String address) {
            return "the page " + address;
        }

        static CompletionStage<String> get(String address) {
            return AsyncRunner.delay(Duration.ofMillis(10)).thenApply(done -> fetch(address));
        }

        static int countWords(String text) {
            return text.split(" ").length;
        }

        static long sumOfSquares(int limit) {
            return Squares.sum(limit);
        }

        static int convert(String document) {
            if (document.equals("bad")) {
                Runtime.getRuntime().halt(1);
            }
            return document.length();
        }
    }
}
