package dev.brigade.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Outcome;
import dev.brigade.Outcome.State;
import dev.brigade.Outcomes;
import dev.brigade.RunOptions;
import dev.brigade.TaskFunction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rules 1, 2, 3 and 24: results, one outcome for each input, and the order in which they come. */
public interface ResultRules extends Contract {

    @Test
    @Rule(1)
    default void mapEqualsALoop(ContractFixture fixture) throws Exception {
        List<Integer> inputs = IntStream.range(0, 1000).boxed().toList();
        assertEquals(inputs.stream().map(n -> n * 2).toList(), fixture.runner().map(inputs, n -> n * 2));
    }

    @Test
    @Rule(1)
    default void mapOfNothingIsEmpty(ContractFixture fixture) throws Exception {
        assertEquals(List.of(), fixture.runner().map(List.<Integer>of(), n -> n));
    }

    @Test
    @Rule(1)
    @SuppressWarnings("NullAway") // the test is about nulls
    default void mapTakesAndGivesNulls(ContractFixture fixture) throws Exception {
        TaskFunction<String, String> turn = s -> s == null ? "was null" : s.isEmpty() ? null : s;
        List<String> inputs = Arrays.asList(null, "x", "", null);
        assertEquals(
                Arrays.asList("was null", "x", null, "was null"),
                fixture.runner().map(inputs, turn));
    }

    @Test
    @Rule(1)
    default void mapKeepsTheOrderThoughTheFirstEndsLast(ContractFixture fixture) throws Exception {
        fixture.needsOverlap(BodyKind.BLOCKING);
        List<Step> inputs = List.of(Step.of(0).until("started-1"), Step.of(1));
        assertEquals(List.of(0, 1), fixture.runner().map(inputs, new Work.Steps(fixture.latches())));
    }

    @Test
    @Rule(2)
    default void everyInputHasOneOutcomeWithItsIndex(ContractFixture fixture) {
        List<Integer> inputs = IntStream.range(0, 500).mapToObj(n -> n * 3).toList();
        TaskFunction<Integer, Integer> someFail = n -> {
            if (n % 5 == 0) {
                throw new IllegalStateException("input " + n);
            }
            return n + 1;
        };
        List<Outcome<Integer, Integer>> all =
                ContractFixture.all(fixture.runner().mapOutcomes(inputs, someFail));
        HashSet<Long> indices = new HashSet<>();
        for (Outcome<Integer, Integer> one : all) {
            int input = Objects.requireNonNull(one.input());
            assertEquals(one.index() * 3, input);
            assertEquals(input % 5 == 0 ? State.FAILED : State.SUCCESS, one.state());
            assertEquals(1, one.attempts());
            assertTrue(indices.add(one.index()), () -> "a second outcome " + one);
        }
        assertEquals(500, indices.size());
    }

    @Test
    @Rule(2)
    default void whatWasPulledBeforeACancelHasAnOutcomeToo(ContractFixture fixture) {
        RunOptions options = RunOptions.builder().buffer(10).build();
        Outcomes<Integer, Integer> outcomes = fixture.runner().mapOutcomes(PullRules.endless(), n -> n, options);
        HashSet<Long> indices = new HashSet<>();
        for (Outcome<Integer, Integer> one : outcomes) {
            assertTrue(indices.add(one.index()), () -> "a second outcome " + one);
            if (indices.size() == 5) {
                outcomes.cancel();
            }
        }
        assertEquals(outcomes.progress().pulled(), indices.size());
    }

    @ParameterizedTest
    @EnumSource
    @Rule(3)
    default void aFastTaskPassesASlowOne(BodyKind kind, ContractFixture fixture) throws Exception {
        fixture.needsOverlap(kind);
        List<Step> inputs = List.of(Step.of(0).until("go"), Step.of(1));
        TaskFunction<Step, Integer> steps = kind.steps(fixture.latches());
        Future<List<Long>> order = fixture.call(() -> {
            List<Long> seen = new ArrayList<>();
            for (Outcome<Step, Integer> one : fixture.runner().mapOutcomes(inputs, steps)) {
                seen.add(one.index());
                fixture.latches().raise("seen-" + one.index());
            }
            return seen;
        });
        fixture.latches().await("seen-1");
        assertFalse(fixture.latches().isRaised("seen-0"));
        fixture.latches().raise("go");
        assertEquals(List.of(1L, 0L), fixture.result(order));
    }

    @ParameterizedTest
    @EnumSource
    @Rule(3)
    default void orderedOutcomesWaitForTheSlowOne(BodyKind kind, ContractFixture fixture) throws Exception {
        fixture.needsOverlap(kind);
        List<Step> inputs = List.of(Step.of(0).until("ended-1"), Step.of(1), Step.of(2));
        RunOptions options = RunOptions.builder().ordered(true).build();
        TaskFunction<Step, Integer> steps = kind.steps(fixture.latches());
        List<Long> order = ContractFixture.all(fixture.runner().mapOutcomes(inputs, steps, options)).stream()
                .map(Outcome::index)
                .toList();
        assertEquals(List.of(0L, 1L, 2L), order);
    }

    @Test
    @Rule(24)
    default void manyShortTasksMixedWithFailuresKeepTheirOrder(ContractFixture fixture) {
        List<Integer> inputs = IntStream.range(0, 5000).boxed().toList();
        RunOptions options = RunOptions.builder().ordered(true).build();
        TaskFunction<Integer, Integer> someFail = n -> {
            if (n % 7 == 3) {
                throw new IllegalStateException("input " + n);
            }
            return -n;
        };
        long next = 0;
        for (Outcome<Integer, Integer> one :
                ContractFixture.all(fixture.runner().mapOutcomes(inputs, someFail, options))) {
            assertEquals(next, one.index());
            if (next % 7 == 3) {
                assertEquals(
                        "input " + next, Objects.requireNonNull(one.exception()).getMessage());
            } else {
                assertEquals(-next, (long) Objects.requireNonNull(one.value()));
            }
            next++;
        }
        assertEquals(5000, next);
    }

    @Test
    @Rule(24)
    default void resultsThatAreThereAreNotHeldBackBehindASlowTask(ContractFixture fixture) throws Exception {
        List<Step> inputs =
                new ArrayList<>(IntStream.range(0, 10).mapToObj(Step::of).toList());
        inputs.add(Step.of(10).until("go"));
        Work.Steps steps = new Work.Steps(fixture.latches());
        RunOptions options = RunOptions.builder().maxConcurrency(1).build();
        Future<Integer> count = fixture.call(() -> {
            int seen = 0;
            Iterator<Outcome<Step, Integer>> outcomes =
                    fixture.runner().mapOutcomes(inputs, steps, options).iterator();
            while (outcomes.hasNext()) {
                fixture.latches().raise("seen-" + outcomes.next().index());
                seen++;
            }
            return seen;
        });
        fixture.latches().await("started-10");
        for (int i = 0; i < 10; i++) {
            fixture.latches().await("seen-" + i);
        }
        fixture.latches().raise("go");
        assertEquals(11, fixture.result(count));
    }
}
