package dev.brigade.process.scheduling;

import dev.brigade.process.protocol.ProgressFile;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The facts that are known of a worker whose process has ended, or could not be started.
 *
 * @param code the exit code; null if there was no process
 * @param progress the last entry of its progress file; null if there is none
 * @param stderr the last lines that it wrote to stderr
 * @param cause the reason that it could not be started; null if it was started
 * @param stateAtKill the operating system's state of the process just before it was killed; empty if that cannot be asked
 * @param fromArchive true if it was started from a class archive
 * @param living the progress of the other workers at that time, by their numbers
 */
public record WorkerExit(
        @Nullable Integer code,
        ProgressFile.@Nullable Entry progress,
        List<String> stderr,
        @Nullable Throwable cause,
        String stateAtKill,
        boolean fromArchive,
        Map<Integer, ProgressFile.Entry> living) {

    /** The exit of a worker of which nothing could be found out. */
    public static final WorkerExit UNKNOWN = new WorkerExit(null, null, List.of(), null, "", false, Map.of());

    /** Returns the exit of a worker whose process could not be started. */
    public static WorkerExit notStarted(Throwable cause, List<String> stderr) {
        return new WorkerExit(null, null, stderr, cause, "", false, Map.of());
    }
}
