package dev.brigade.process.scheduling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;

import dev.brigade.WorkerLostException;
import dev.brigade.WorkerLostException.Reason;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LossHistoryTest {
    private final LossHistory losses = new LossHistory() {};

    private WorkerLostException lose(int attempt) {
        WorkerLostException lost = new WorkerLostException("lost", Reason.EXITED, attempt, List.of());
        losses.add("attempt " + attempt, lost);
        return lost;
    }

    private static List<String> toldBy(WorkerLostException last) {
        return Arrays.stream(last.getSuppressed()).map(Throwable::getMessage).toList();
    }

    @Test
    void eachTellsOfThoseBeforeIt() {
        assertEquals(List.of(), toldBy(lose(1)));
        assertEquals(List.of("attempt 1"), toldBy(lose(2)));
        assertEquals(List.of("attempt 1", "attempt 2"), toldBy(lose(3)));
    }

    @Test
    void tellsOfTheLatestEightAndCountsAll() {
        for (int attempt = 1; attempt < 100; attempt++) {
            lose(attempt);
        }
        WorkerLostException last = lose(100);
        assertEquals(100, losses.count());
        assertEquals(8, last.getSuppressed().length);
        assertEquals("attempt 92", toldBy(last).get(0));
        assertEquals("attempt 99", toldBy(last).get(7));
    }

    /** The same object in two places is printed as a circle. */
    @Test
    void noTwoShareAnException() {
        WorkerLostException first = lose(1);
        WorkerLostException second = lose(2);
        WorkerLostException third = lose(3);
        assertNotSame(first, second.getSuppressed()[0]);
        assertNotSame(second.getSuppressed()[0], third.getSuppressed()[0]);
        StringWriter printed = new StringWriter();
        third.printStackTrace(new PrintWriter(printed));
        assertEquals(-1, printed.toString().indexOf("CIRCULAR"), printed::toString);
    }
}
