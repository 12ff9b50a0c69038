package dev.brigade.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

final class StatisticsTest {
    @Test
    void theMedianIsTheMiddleOne() {
        assertEquals(3, Statistics.median(List.of(9.0, 1.0, 3.0)));
    }

    @Test
    void theMedianOfAnEvenNumberIsBetweenTheMiddleTwo() {
        assertEquals(2.5, Statistics.median(List.of(4.0, 1.0, 2.0, 3.0)));
    }

    @Test
    void quartilesAreInterpolated() {
        List<Double> values = List.of(1.0, 2.0, 3.0, 4.0);
        assertEquals(1.75, Statistics.quantile(values, 0.25));
        assertEquals(3.25, Statistics.quantile(values, 0.75));
        assertEquals(4, Statistics.quantile(values, 1));
    }

    @Test
    void nothingHasNoMedian() {
        assertThrows(IllegalArgumentException.class, () -> Statistics.median(List.of()));
    }

    @Test
    void figuresHaveThreeDigitsAndAUnitThatFits() {
        assertEquals("0.40 ns", Unit.NANOS.show(0.4));
        assertEquals("999 ns", Unit.NANOS.show(999.4));
        assertEquals("1.00 µs", Unit.NANOS.show(999.6));
        assertEquals("12.3 µs", Unit.NANOS.show(12_345));
        assertEquals("2.00 s", Unit.NANOS.show(2e9));
        assertEquals("3600 s", Unit.NANOS.show(3.6e12));
        assertEquals("24.0 MiB", Unit.BYTES.show(24 << 20));
        assertEquals("1.95 ×", Unit.FACTOR.show(1.949));
        assertEquals("-1.00 KiB", Unit.BYTES.show(-1024));
    }
}
