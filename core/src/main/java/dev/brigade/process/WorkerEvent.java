package dev.brigade.process;

import dev.brigade.process.scheduling.WorkerExit;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** One for each worker process, from the decision to start it until all that it left is settled. */
@Name("dev.brigade.Worker")
@Label("Brigade Worker")
@Description("A worker process of a Brigade runner has ended")
@Category("Brigade")
@StackTrace(false)
@SuppressWarnings("UnusedVariable") // JFR reads the fields
final class WorkerEvent extends Event {
    @Label("Runner")
    private String runner = "";

    @Label("Worker")
    private String worker = "";

    @Label("Process")
    @Description("The number of the process; 0 when it could not be started")
    private long pid;

    @Label("Tasks")
    @Description("How many tasks it was given")
    private int tasks;

    @Label("Exit Code")
    @Description("The exit code; -1 when there is none")
    private int exitCode;

    @Label("Reason")
    @Description("DISMISSED when it went as it was told to; else as in WorkerLostException")
    private String reason = "";

    /** Records the end of a worker. */
    void record(String runnerName, ProcessWorker ended, WorkerExit exit, String why) {
        if (!shouldCommit()) {
            return;
        }
        Process process = ended.process;
        Integer code = exit.code();
        runner = runnerName;
        worker = ended.name();
        pid = process == null ? 0 : process.pid();
        tasks = ended.sentTasks();
        exitCode = code == null ? -1 : code;
        reason = why;
        commit();
    }
}
