package dev.brigade.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ProcessRunnerTest {
    @Test
    void mapsInOtherProcesses() throws Exception {
        try (ProcessRunner runner = ProcessRunner.of(2)) {
            long t0 = System.nanoTime();
            List<Integer> squares = runner.map(List.of(1, 2, 3), n -> n * n);
            System.out.println("first " + (System.nanoTime() - t0) / 1000000 + " ms");
            assertEquals(List.of(1, 4, 9), squares);
            for (int i = 0; i < 10; i++) {
                long t = System.nanoTime();
                runner.map(IntStream.range(0, 20000).boxed().toList(), n -> n * n);
                System.out.println((System.nanoTime() - t) / 20000 + " ns per item");
            }
            long t2 = System.nanoTime();
            for (int i = 0; i < 2000; i++) {
                runner.submit(() -> 42).get();
            }
            System.out.println((System.nanoTime() - t2) / 2000 + " ns per submit");
            long t3 = System.nanoTime();
            runner.close();
            System.out.println("close " + (System.nanoTime() - t3) / 1000000 + " ms");
        }
    }
}
