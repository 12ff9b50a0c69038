package dev.brigade.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.brigade.Runner;
import dev.brigade.runner.ThreadRunner;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** The part of rule 17 that the kit cannot test on all runners: it does not know where a runner logs to. */
@Timeout(60)
class StuckBodyTest {

    @Test
    void closeLogsAStuckBodyWithItsStack() throws Exception {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        Logger logger = (Logger) LoggerFactory.getLogger("dev.brigade.engine.core.RunnerLifecycle");
        logger.addAppender(log);
        FileLatches latches = FileLatches.create(Duration.ofSeconds(20));
        Runner runner = ThreadRunner.builder()
                .maxConcurrency(1)
                .name("stuck")
                .closeTimeout(Duration.ofMillis(200))
                .build();
        try {
            Work.Steps steps = new Work.Steps(latches);
            var unused = runner.submit(() -> steps.apply(Step.of(0).until("go").stubbornly()));
            latches.await("started-0");
            runner.close();
            List<String> messages = log.list.stream()
                    .map(ILoggingEvent::getFormattedMessage)
                    .filter(text -> text.contains("runner 'stuck'"))
                    .toList();
            assertEquals(1, messages.size(), messages::toString);
            assertTrue(messages.get(0).contains("FileLatches.awaitStubbornly"), messages::toString);
        } finally {
            runner.closeNow();
            latches.end();
            logger.detachAppender(log);
            latches.delete();
        }
    }
}
