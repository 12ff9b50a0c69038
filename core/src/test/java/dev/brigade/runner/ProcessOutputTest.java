package dev.brigade.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Runner;
import dev.brigade.process.Leftovers;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests of the output of tasks under difficult circumstances; all of it must be delivered when the runner is closed. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ProcessOutputTest {
    private static final int WAIT_SECONDS = 30;

    private final List<String> lines = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void prepare() {
        Leftovers.prepare();
    }

    private Runner runner() {
        return ProcessRunner.builder()
                .workers(1)
                .outputListener(printed -> lines.add(printed.line()))
                .build();
    }

    @Test
    void aTaskThatClosesTheStandardStreamsSilencesNoOther() throws Exception {
        try (Runner runner = runner()) {
            runner.submit(() -> {
                        System.out.println("one");
                        System.out.close();
                        System.err.close();
                        System.in.close();
                        return null;
                    })
                    .get(WAIT_SECONDS, TimeUnit.SECONDS);
            runner.submit(() -> {
                        System.out.println("two");
                        System.err.println("three");
                        return null;
                    })
                    .get(WAIT_SECONDS, TimeUnit.SECONDS);
        }
        assertEquals(List.of("one", "two", "three"), lines);
    }

    @Test
    void aCharacterOfSeveralBytesIsNotCutWhereALongLineIs() throws Exception {
        String text = "x".repeat(64 * 1024 - 1) + "\u20ac\ud83d\ude00".repeat(20_000);
        try (Runner runner = runner()) {
            runner.map(List.of(text), line -> {
                System.out.println(line);
                return null;
            });
        }
        assertTrue(lines.size() > 1, "it came in pieces");
        assertEquals(text, String.join("", lines));
    }
}
