package dev.brigade.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.brigade.Capability;
import dev.brigade.TaskFunction;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.MDC;

/** Rule 15: the context that travels with a task. */
public interface ContextRules extends Contract {

    /** Set by the callers of a test. */
    InheritableThreadLocal<String> INHERITED = new InheritableThreadLocal<>();

    private static void needsMdc() {
        MDC.put("testkit", "here");
        boolean works = "here".equals(MDC.get("testkit"));
        MDC.remove("testkit");
        assumeTrue(works, "the SLF4J provider on the class path has no MDC");
    }

    @Test
    @Rule(15)
    default void theMdcTravelsWithTheTask(ContractFixture fixture) throws Exception {
        needsMdc();
        List<Integer> inputs = IntStream.range(0, 20).boxed().toList();
        TaskFunction<Integer, String> read = n -> String.valueOf(MDC.get("testkit"));
        for (String value : List.of("first", "second")) {
            MDC.put("testkit", value);
            try {
                assertEquals(Collections.nCopies(20, value), fixture.runner().map(inputs, read));
                assertEquals(
                        value, fixture.runner().submit(() -> MDC.get("testkit")).get());
            } finally {
                MDC.remove("testkit");
            }
        }
        assertEquals(Collections.nCopies(20, "null"), fixture.runner().map(inputs, read));
    }

    @Test
    @Rule(15)
    default void whatABodyPutsIntoTheMdcReachesNoOtherTask(ContractFixture fixture) throws Exception {
        needsMdc();
        MDC.put("testkit-caller", "mine");
        try {
            TaskFunction<Integer, String> leave = n -> {
                String before = MDC.get("testkit-body");
                MDC.put("testkit-body", "from " + n);
                MDC.remove("testkit-caller");
                return String.valueOf(before);
            };
            List<Integer> inputs = IntStream.range(0, 50).boxed().toList();
            assertEquals(Collections.nCopies(50, "null"), fixture.runner().map(inputs, leave));
            assertEquals(Collections.nCopies(50, "null"), fixture.runner().map(inputs, leave));
            assertEquals("mine", MDC.get("testkit-caller"));
            assertEquals("null", String.valueOf(MDC.get("testkit-body")));
        } finally {
            MDC.remove("testkit-caller");
        }
    }

    @Test
    @Rule(15)
    default void aPropagatorsContextTravelsWithTheTask(ContractFixture fixture) throws Exception {
        TaskFunction<Integer, String> read = n -> String.valueOf(CarriedContext.get());
        List<Integer> inputs = IntStream.range(0, 20).boxed().toList();
        CarriedContext.set("carried");
        try {
            assertEquals(Collections.nCopies(20, "carried"), fixture.runner().map(inputs, read));
            assertEquals("carried", Objects.requireNonNull(CarriedContext.get()));
        } finally {
            CarriedContext.set(null);
        }
        assertEquals(Collections.nCopies(20, "null"), fixture.runner().map(inputs, read));
    }

    /** A propagator whose binding throws costs its own part of the context, and nothing else. */
    @ParameterizedTest
    @EnumSource
    @Rule(15)
    default void aPropagatorThatThrowsCostsItsOwnPartAlone(ThrownKind kind, ContractFixture fixture) throws Exception {
        needsMdc();
        TaskFunction<Integer, String> read = n -> MDC.get("testkit") + " " + CarriedContext.get();
        String own = fixture.isInline() ? kind.name() : "null"; // the caller's thread has the value anyway
        List<Integer> inputs = IntStream.range(0, 20).boxed().toList();
        MDC.put("testkit", "here");
        CarriedContext.set(kind.name());
        try {
            assertEquals(
                    Collections.nCopies(20, "here " + own), fixture.runner().map(inputs, read));
        } finally {
            MDC.remove("testkit");
            CarriedContext.set(null);
        }
        assertEquals(Collections.nCopies(20, "null null"), fixture.runner().map(inputs, read));
    }

    @Test
    @Rule(15)
    default void theContextClassLoaderIsTheCallers(ContractFixture fixture) throws Exception {
        fixture.needs(Capability.SHARED_MEMORY);
        List<Integer> inputs = IntStream.range(0, 100).boxed().toList();
        List<Future<Boolean>> callers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            callers.add(fixture.call(() -> {
                ClassLoader mine = new URLClassLoader(new URL[0], ContextRules.class.getClassLoader());
                Thread.currentThread().setContextClassLoader(mine);
                TaskFunction<Integer, Boolean> isMine =
                        n -> Thread.currentThread().getContextClassLoader() == mine;
                boolean all = !fixture.runner().map(inputs, isMine).contains(false);
                return all && fixture.runner().submit(() -> isMine.apply(0)).get();
            }));
        }
        for (Future<Boolean> caller : callers) {
            assertEquals(true, fixture.result(caller));
        }
    }

    @Test
    @Rule(15)
    default void theContextClassLoaderFindsTheTasksClasses(ContractFixture fixture) throws Exception {
        TaskFunction<Integer, Boolean> finds = n -> Class.forName(
                        Work.class.getName(), false, Thread.currentThread().getContextClassLoader())
                == Work.class;
        List<Integer> inputs = IntStream.range(0, 20).boxed().toList();
        assertEquals(Collections.nCopies(20, true), fixture.runner().map(inputs, finds));
    }

    @Test
    @Rule(15)
    default void whatABodyDoesToItsContextClassLoaderReachesNoOtherTask(ContractFixture fixture) throws Exception {
        TaskFunction<Integer, Boolean> leave = n -> {
            boolean before = Thread.currentThread().getContextClassLoader() != null;
            Thread.currentThread().setContextClassLoader(null);
            return before;
        };
        ClassLoader mine = Thread.currentThread().getContextClassLoader();
        List<Integer> inputs = IntStream.range(0, 50).boxed().toList();
        assertEquals(Collections.nCopies(50, true), fixture.runner().map(inputs, leave));
        assertSame(mine, Thread.currentThread().getContextClassLoader());
    }

    /** Bodies on their caller's own thread see its thread-locals; bodies elsewhere inherit none. */
    @Test
    @Rule(15)
    default void anInheritableThreadLocalIsInheritedFromNobody(ContractFixture fixture) throws Exception {
        List<Integer> inputs = IntStream.range(0, 100).boxed().toList();
        List<Future<?>> callers = new ArrayList<>();
        for (String name : List.of("first", "second", "third")) {
            callers.add(fixture.call(() -> {
                INHERITED.set(name);
                String expected = fixture.isInline() ? name : "null";
                TaskFunction<Integer, String> read = n -> String.valueOf(INHERITED.get());
                assertEquals(
                        Collections.nCopies(100, expected), fixture.runner().map(inputs, read));
                assertEquals(
                        expected, fixture.runner().submit(() -> read.apply(0)).get());
                return name;
            }));
        }
        for (Future<?> caller : callers) {
            Object unused = fixture.result(caller);
        }
    }
}
