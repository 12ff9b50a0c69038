package dev.brigade.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.brigade.TaskFunction;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

/** Rule 15: what travels with a task. */
public interface ContextRules extends Contract {

    private static void needsMdc() {
        MDC.put("testkit", "here");
        boolean works = "here".equals(MDC.get("testkit"));
        MDC.remove("testkit");
        assumeTrue(works, "the SLF4J provider on the class path has no MDC");
    }

    @Test
    @Rule(15)
    default void theMdcTravelsWithTheTask(Bench bench) throws Exception {
        needsMdc();
        List<Integer> inputs = IntStream.range(0, 20).boxed().toList();
        TaskFunction<Integer, String> read = n -> String.valueOf(MDC.get("testkit"));
        for (String value : List.of("first", "second")) {
            MDC.put("testkit", value);
            try {
                assertEquals(Collections.nCopies(20, value), bench.runner().map(inputs, read));
                assertEquals(
                        value, bench.runner().submit(() -> MDC.get("testkit")).get());
            } finally {
                MDC.remove("testkit");
            }
        }
        assertEquals(Collections.nCopies(20, "null"), bench.runner().map(inputs, read));
    }

    @Test
    @Rule(15)
    default void whatABodyPutsIntoTheMdcReachesNoOtherTask(Bench bench) throws Exception {
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
            assertEquals(Collections.nCopies(50, "null"), bench.runner().map(inputs, leave));
            assertEquals(Collections.nCopies(50, "null"), bench.runner().map(inputs, leave));
            assertEquals("mine", MDC.get("testkit-caller"));
            assertEquals("null", String.valueOf(MDC.get("testkit-body")));
        } finally {
            MDC.remove("testkit-caller");
        }
    }

    @Test
    @Rule(15)
    default void aPropagatorsContextTravelsWithTheTask(Bench bench) throws Exception {
        TaskFunction<Integer, String> read = n -> String.valueOf(CarriedContext.get());
        List<Integer> inputs = IntStream.range(0, 20).boxed().toList();
        CarriedContext.set("carried");
        try {
            assertEquals(Collections.nCopies(20, "carried"), bench.runner().map(inputs, read));
            assertEquals("carried", Objects.requireNonNull(CarriedContext.get()));
        } finally {
            CarriedContext.set(null);
        }
        assertEquals(Collections.nCopies(20, "null"), bench.runner().map(inputs, read));
    }
}
