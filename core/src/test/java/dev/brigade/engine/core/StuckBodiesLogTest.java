package dev.brigade.engine.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.brigade.Outcome;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.TaskFuture;
import dev.brigade.runner.ThreadRunner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** Tests of the log line that says that stopped bodies hold every permit. It comes when that has lasted for a while, and not before. */
@Timeout(60)
class StuckBodiesLogTest {
    private static final int LONG = 20;

    private final Logger logger = (Logger) LoggerFactory.getLogger(RunnerLifecycle.class);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(log);
    }

    private List<String> logged() {
        return List.copyOf(log.list).stream()
                .map(ILoggingEvent::getFormattedMessage)
                .filter(line -> line.contains("hold every permit"))
                .toList();
    }

    private List<String> awaitLogged(int count) throws InterruptedException {
        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONG);
        while (logged().size() < count && System.nanoTime() < endNanos) {
            Thread.sleep(10);
        }
        return logged();
    }

    private static boolean stubborn(CountDownLatch begun, CountDownLatch release) {
        begun.countDown();
        while (release.getCount() > 0) {
            try {
                boolean ignored = release.await(LONG, TimeUnit.SECONDS);
            } catch (InterruptedException ignored) {
                // the body ignores its cancellation
            }
        }
        return true;
    }

    /**
     * Each body ends soon after its deadline, so at any moment late bodies hold every permit. On a machine that stalls for a second they
     * end later, and the log line is right: such a round does not count.
     */
    @Test
    void bodiesThatEndSoonAfterTheirDeadlinesAreNoNews() {
        int rounds = 0;
        do {
            log.list.clear();
            runBodiesThatEndLate();
        } while (!logged().isEmpty() && ++rounds < 5);
        assertEquals(List.of(), logged());
    }

    private static void runBodiesThatEndLate() {
        RunOptions brief =
                RunOptions.builder().taskTimeout(Duration.ofMillis(2)).build();
        List<Integer> inputs = IntStream.range(0, 600).boxed().toList();
        try (Runner runner = ThreadRunner.of(2)) {
            for (Outcome<Integer, Integer> one : runner.mapOutcomes(inputs, StuckBodiesLogTest::endsLate, brief)) {
                assertEquals(Outcome.State.TIMED_OUT, one.state());
            }
        }
    }

    private static int endsLate(int input) {
        long endNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(10);
        while (System.nanoTime() < endNanos) {
            Thread.onSpinWait();
        }
        return input;
    }

    @Test
    void bodiesThatAreStuckAreToldOnceWithTheirNumberAndStacks() throws Exception {
        CountDownLatch begun = new CountDownLatch(2);
        CountDownLatch release = new CountDownLatch(1);
        try (Runner runner = ThreadRunner.of(2)) {
            List<TaskFuture<Boolean>> stuck = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                stuck.add(runner.submit(() -> stubborn(begun, release)));
            }
            assertTrue(begun.await(LONG, TimeUnit.SECONDS));
            stuck.get(0).cancel(true);
            Thread.sleep(1500); // the second body becomes stuck later, and the line waits for it
            assertEquals(List.of(), logged());
            stuck.get(1).cancel(true);
            List<String> lines = awaitLogged(1);
            Thread.sleep(1500);
            assertEquals(1, logged().size(), logged()::toString);
            assertTrue(lines.get(0).contains("2 bodies"), lines::toString);
            assertEquals(2, lines.get(0).split("StuckBodiesLogTest.stubborn", -1).length - 1, lines::toString);
            release.countDown();
        } finally {
            release.countDown();
        }
    }

    @Test
    void aBodyInsideAnothersHoldsNoPermitOfItsOwn() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch otherBegun = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        try (Runner runner = ThreadRunner.of(2)) {
            TaskFuture<Boolean> busy = runner.submit(() -> stubborn(otherBegun, release));
            assertTrue(otherBegun.await(LONG, TimeUnit.SECONDS));
            List<TaskFuture<Boolean>> nested = new ArrayList<>();
            TaskFuture<Boolean> parent = runner.submit(() -> {
                nested.add(runner.submit(() -> stubborn(begun, release)));
                return nested.get(0).get();
            });
            assertTrue(begun.await(LONG, TimeUnit.SECONDS));
            nested.get(0).cancel(true);
            parent.cancel(true);
            Thread.sleep(2500);
            assertEquals(List.of(), logged(), "the other one is wanted");
            busy.cancel(true);
            assertEquals(1, awaitLogged(1).size());
            release.countDown();
        } finally {
            release.countDown();
        }
    }

    @Test
    void aCloseTellsOnlyOfBodiesThatAreThere() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        Runner runner = ThreadRunner.builder()
                .maxConcurrency(1)
                .closeTimeout(Duration.ofMillis(200))
                .build();
        TaskFuture<Boolean> task = runner.submit(() -> stubborn(begun, release));
        assertTrue(begun.await(LONG, TimeUnit.SECONDS));
        runner.close();
        release.countDown();
        assertTrue(task.isCancelled());
        List<String> lines = List.copyOf(log.list).stream()
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
        assertEquals(1, lines.size(), lines::toString);
        assertTrue(lines.get(0).contains("1 bodies ignore their cancellation"), lines::toString);
    }
}
