package dev.brigade.engine.batch;

import dev.brigade.Progress;
import dev.brigade.engine.core.BatchRun;
import dev.brigade.threads.ThrowableText;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * The event of one batch whose outcomes are iterated over, from the consumer's first {@code hasNext} until the iteration ends or is closed.
 */
@Name("dev.brigade.Batch")
@Label("Brigade Batch")
@Description("A batch of a Brigade runner has ended")
@Category("Brigade")
@StackTrace(false)
@SuppressWarnings("UnusedVariable") // JFR reads the fields
final class BatchEvent extends Event {
    @Label("Runner")
    private String runner = "";

    @Label("Batch")
    @Description("The name option of the batch")
    private String batch = "";

    @Label("Pulled")
    private long pulled;

    @Label("Succeeded")
    private long succeeded;

    @Label("Failed")
    private long failed;

    @Label("Timed Out")
    private long timedOut;

    @Label("Cancelled")
    private long cancelled;

    @Label("Cut Short")
    @Description("Why the iteration was cut short; empty when it was not")
    private String cutShort = "";

    void record(BatchRun<?, ?> of, Progress progress) {
        end();
        if (!shouldCommit()) {
            return;
        }
        runner = of.engine.name;
        batch = of.spec.name();
        pulled = progress.pulled();
        succeeded = progress.succeeded();
        failed = progress.failed();
        timedOut = progress.timedOut();
        cancelled = progress.cancelled();
        Throwable reason = of.aborted();
        cutShort = reason == null ? "" : ThrowableText.of(reason);
        commit();
    }
}
