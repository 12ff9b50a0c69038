package dev.brigade.engine.core;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** The event of one task, recorded when its outcome is decided. In a batch that began before the recording, only timed tasks have one. */
@Name("dev.brigade.Task")
@Label("Brigade Task")
@Description("A task of a Brigade runner has its outcome")
@Category("Brigade")
@StackTrace(false)
@SuppressWarnings("UnusedVariable") // JFR reads the fields
final class TaskEvent extends Event {
    /** Used to check if the event is recorded: costs a field read if it is not. */
    private static final TaskEvent PROBE = new TaskEvent();

    @Label("Runner")
    private String runner = "";

    @Label("Worker")
    @Description("The thread or process that ran the last attempt; empty when no body began")
    private String worker = "";

    @Label("Batch")
    @Description("The name option of the batch")
    private String batch = "";

    @Label("Index")
    @Description("The place of the input in its batch, from 0")
    private long index;

    @Label("State")
    private String state = "";

    @Label("Attempts")
    private int attempts;

    @Label("Queued")
    @Description("From the pull to the start of the last attempt")
    @Timespan(Timespan.NANOSECONDS)
    private long queued;

    @Label("Running")
    @Description("From the start of the last attempt to the outcome")
    @Timespan(Timespan.NANOSECONDS)
    private long running;

    static boolean isRecorded() {
        return PROBE.isEnabled();
    }

    static void record(EngineTask<?, ?> task, String state, TaskTimes ending) {
        TaskEvent event = new TaskEvent();
        event.runner = task.batch.engine.name;
        event.worker = ending.worker() == null ? "" : ending.worker();
        event.batch = task.batch.spec.name();
        event.index = task.index;
        event.state = state;
        event.attempts = ending.attempts();
        event.queued = ending.timing().queued().toNanos();
        event.running = ending.timing().running().toNanos();
        event.commit();
    }
}
