package dev.brigade.process.scheduling;

import dev.brigade.WorkerLostException;
import dev.brigade.WorkerLostException.Reason;
import dev.brigade.process.protocol.ProgressFile;
import dev.brigade.process.protocol.WorkerExitCode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes the exceptions that say why a worker is gone. */
final class WorkerLossReport {
    private static final int SIGNAL_BASE = 128;
    private static final int LAST_SIGNAL = 64;
    private static final Map<Integer, String> SIGNALS = Map.of(
            1, "SIGHUP", 2, "SIGINT", 4, "SIGILL", 6, "SIGABRT", 7, "SIGBUS", 8, "SIGFPE", 9, "SIGKILL", 11, "SIGSEGV",
            15, "SIGTERM");

    /** The {@code java} command reports this in the user's language, so only the class's name can be relied on. */
    private static final String CLASS_PATH_HINT =
            "Brigade is not on the workers' class path, perhaps because the program is"
                    + " packed into one file as only its own loader can read it: set ProcessRunner.builder().classPath(...)";

    private static final String WORKING_DIRECTORY_HINT = "The working directory of this process, "
            + System.getProperty("user.dir") + ", has been removed, and workers have none of their own:"
            + " set ProcessRunner.builder().workingDirectory(...)";

    private final long initializerBytes;
    private final String mainClass;

    /**
     * Makes a report for the workers of one pool.
     *
     * @param initializerBytes the size of the initializer that each worker is sent; 0 for none
     * @param mainClass the workers' main class
     */
    WorkerLossReport(long initializerBytes, String mainClass) {
        this.initializerBytes = initializerBytes;
        this.mainClass = mainClass;
    }

    /** Returns the exception of the attempt that the worker ran; it tells of the workers that earlier attempts have cost, too. */
    static WorkerLostException of(WorkerRecord worker, WorkerExit exit, PoolAttempt attempt) {
        Reason reason = reason(worker, exit);
        String what = worker.describe() + ' ' + verb(worker, exit, reason) + doing(worker, exit, attempt);
        StringBuilder text = new StringBuilder(what);
        int before = attempt.losses.count();
        if (before > 0) {
            text.append(" (attempt ").append(attempt.number).append("; it has cost ");
            text.append(before + 1).append(" workers)");
        }
        if (reason == Reason.OUT_OF_MEMORY) {
            describeMemory(exit, "what it was sent for this task", attempt.sentBytes, text);
        }
        if (reason == Reason.KILLED && attempt.killDue) {
            describeThreads(worker, exit, attempt, text);
        }
        WorkerLostException lost = exception(worker, exit, text.toString(), reason);
        attempt.losses.add("attempt " + attempt.number + ": " + what, lost);
        return lost;
    }

    private static String doing(WorkerRecord worker, WorkerExit exit, PoolAttempt attempt) {
        if (!BlameResolver.ranOutReceiving(attempt, worker, exit)) {
            return " while it ran " + attempt.label();
        }
        return " while it received the " + (attempt.carriesFunction ? "function of " : "input of ") + attempt.label();
    }

    private static void describeMemory(WorkerExit exit, String what, long bytes, StringBuilder text) {
        ProgressFile.Entry last = exit.progress();
        if (last != null) {
            text.append("; ").append(what).append(" takes ").append(bytes).append(" bytes encoded, its heap holds ");
            text.append(last.heapBytes()).append(" bytes at most: raise maxHeapBytes, or let it need less");
        }
    }

    /** Returns the exception of an attempt that waits, after {@code failedStarts} failed starts in a row. */
    WorkerLostException neverReady(WorkerRecord worker, WorkerExit exit, int failedStarts) {
        Reason reason = reason(worker, exit);
        StringBuilder text = new StringBuilder("no worker gets ready: ")
                .append(failedStarts)
                .append(" in a row died before; the last, ")
                .append(worker.describe())
                .append(", ")
                .append(verb(worker, exit, reason));
        if (reason == Reason.OUT_OF_MEMORY) {
            describeMemory(exit, "its initializer", initializerBytes, text);
        }
        List<String> lines = exit.stderr();
        if (!lines.isEmpty()) {
            text.append("; its last lines: ").append(String.join(System.lineSeparator(), lines));
        }
        if (lines.stream().anyMatch(this::saysNoMainClass)) {
            text.append(System.lineSeparator()).append(CLASS_PATH_HINT);
        }
        if (lines.stream().anyMatch(WorkerLossReport::saysNoWorkingDirectory)) {
            text.append(System.lineSeparator()).append(WORKING_DIRECTORY_HINT);
        }
        return exception(worker, exit, text.toString(), Reason.NEVER_READY);
    }

    /** Returns the exception of the other attempts of a batch whose function has taken down too many workers. */
    static WorkerLostException batchFailed(PoolAttempt attempt, WorkerLostException last) {
        String text = attempt.label()
                + " was not tried: workers keep dying while they decode its call's function; the last: "
                + last.getMessage();
        Integer code = last.exitCode().isPresent() ? last.exitCode().getAsInt() : null;
        return new WorkerLostException(text, last.reason(), code, last.stderr());
    }

    private static boolean saysNoWorkingDirectory(String line) {
        return line.contains("Could not determine current working directory");
    }

    private boolean saysNoMainClass(String line) {
        return line.contains("ClassNotFoundException: " + mainClass);
    }

    private static WorkerLostException exception(WorkerRecord worker, WorkerExit exit, String text, Reason reason) {
        WorkerLostException lost = new WorkerLostException(text, reason, exit.code(), exit.stderr());
        Throwable cause = exit.cause() == null ? worker.cause : exit.cause();
        if (cause != null) {
            lost.initCause(cause);
        }
        return lost;
    }

    private static void describeThreads(WorkerRecord worker, WorkerExit exit, PoolAttempt attempt, StringBuilder text) {
        if (worker.dump != null && worker.dumpedId == attempt.id) {
            text.append("; its threads just before:")
                    .append(System.lineSeparator())
                    .append(worker.dump);
            return;
        }
        text.append("; there is no thread dump: the worker did not answer");
        if (!exit.stateAtKill().isEmpty()) {
            text.append(" (process state ").append(exit.stateAtKill()).append(')');
        }
    }

    static Reason reason(WorkerRecord worker, WorkerExit exit) {
        if (worker.killedFor != null) {
            return worker.killedFor;
        }
        Integer code = exit.code();
        if (code == null || code == WorkerExitCode.PROTOCOL || code == WorkerExitCode.PARENT_GONE) {
            return Reason.PROTOCOL_ERROR;
        }
        if (code == WorkerExitCode.OUT_OF_MEMORY && !worker.exiting) {
            return Reason.OUT_OF_MEMORY;
        }
        if (crash(worker, exit) != null) {
            return Reason.SIGNALLED;
        }
        boolean signalled =
                code > SIGNAL_BASE && code <= SIGNAL_BASE + LAST_SIGNAL && (!worker.exiting || worker.terminated);
        return signalled ? Reason.SIGNALLED : Reason.EXITED;
    }

    private static String verb(WorkerRecord worker, WorkerExit exit, Reason reason) {
        if (worker.killedFor != null) {
            return "was killed, because " + worker.killNote + ",";
        }
        Integer code = exit.code();
        if (code == null) {
            Throwable cause = exit.cause() == null ? worker.cause : exit.cause();
            return "could not be started" + (cause == null ? "" : ": " + cause.getMessage());
        }
        String crash = crash(worker, exit);
        if (crash != null) {
            return "crashed with " + crash + " (exit code " + code + ")";
        }
        return switch (reason) {
            case SIGNALLED -> "was ended by " + signal(code - SIGNAL_BASE) + " (exit code " + code + ")";
            case OUT_OF_MEMORY -> "ran out of memory (exit code " + code + ")";
            case PROTOCOL_ERROR -> "lost its channel (exit code " + code + ")";
            default -> "exited with code " + code;
        };
    }

    /**
     * Returns the JVM's own message about its crash; null if there is none. The exit code is that of {@code exit(1)}, since the JVM is to
     * leave no core file.
     */
    private static @Nullable String crash(WorkerRecord worker, WorkerExit exit) {
        List<String> lines = exit.stderr();
        int said = lines.indexOf("# A fatal error has been detected by the Java Runtime Environment:");
        return worker.exiting || said < 0 || said + 2 >= lines.size()
                ? null
                : lines.get(said + 2).substring(1).trim();
    }

    private static String signal(int number) {
        String name = SIGNALS.get(number);
        return name == null ? "signal " + number : "signal " + number + " (" + name + ")";
    }
}
