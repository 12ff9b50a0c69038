package dev.brigade.process.scheduling;

import dev.brigade.process.protocol.ProgressFile;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a worker when its process has ended, or could not be started.
 *
 * @param code the exit code; null when there was no process
 * @param progress what the worker was at; null when it never got so far
 * @param stderr the last lines that it wrote to stderr
 * @param cause why it could not be started; null when it was
 * @param stateAtKill what the operating system said of the process just before it was killed; empty where it cannot be asked
 * @param fromArchive whether it was started from a class archive
 * @param living what the other workers were at just then, by their numbers
 */
public record WorkerExit(
        @Nullable Integer code,
        ProgressFile.@Nullable Entry progress,
        List<String> stderr,
        @Nullable Throwable cause,
        String stateAtKill,
        boolean fromArchive,
        Map<Integer, ProgressFile.Entry> living) {

    /** Of a worker of which nothing could be found out. */
    public static final WorkerExit UNKNOWN = new WorkerExit(null, null, List.of(), null, "", false, Map.of());

    /** Of a worker whose process could not be started. */
    public static WorkerExit notStarted(Throwable cause, List<String> stderr) {
        return new WorkerExit(null, null, stderr, cause, "", false, Map.of());
    }
}
