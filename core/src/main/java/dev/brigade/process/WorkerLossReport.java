package dev.brigade.process;

import dev.brigade.WorkerLostException;
import dev.brigade.WorkerLostException.Reason;
import dev.brigade.process.protocol.ProgressFile;
import dev.brigade.process.protocol.WorkerExitCode;
import dev.brigade.process.worker.WorkerMain;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Says why a worker is gone. */
final class WorkerLossReport {
    private static final int SIGNAL_BASE = 128;
    private static final int LAST_SIGNAL = 64;
    private static final Map<Integer, String> SIGNALS = Map.of(
            1, "SIGHUP", 2, "SIGINT", 4, "SIGILL", 6, "SIGABRT", 7, "SIGBUS", 8, "SIGFPE", 9, "SIGKILL", 11, "SIGSEGV",
            15, "SIGTERM");

    /** What the {@code java} command says then is that, in the user's language: only the class's name is sure. */
    private static final String CLASS_PATH_HINT =
            "Brigade is not on the workers' class path, perhaps because the program is"
                    + " packed into one file as only its own loader can read it: set ProcessRunner.builder().classPath(...)";

    private static final String WORKING_DIRECTORY_HINT = "The working directory of this process, "
            + System.getProperty("user.dir") + ", has been removed, and workers have none of their own:"
            + " set ProcessRunner.builder().workingDirectory(...)";

    private WorkerLossReport() {}

    /** For the item that it ran; tells of the workers that its earlier attempts have cost, too. */
    static WorkerLostException of(WorkerRecord worker, PoolAttempt item) {
        Reason reason = reason(worker);
        String what = worker.describe() + ' ' + verb(worker, reason) + doing(worker, item);
        StringBuilder text = new StringBuilder(what);
        int before = item.losses.count();
        if (before > 0) {
            text.append(" (attempt ").append(item.number).append("; it has cost ");
            text.append(before + 1).append(" workers)");
        }
        if (reason == Reason.OUT_OF_MEMORY) {
            describeMemory(worker, "what it was sent for this task", item.sentBytes, text);
        }
        if (reason == Reason.KILLED && item.killDue) {
            describeThreads(worker, item, text);
        }
        WorkerLostException lost = exception(worker, text.toString(), reason);
        item.losses.add("attempt " + item.number + ": " + what, lost);
        return lost;
    }

    private static String doing(WorkerRecord worker, PoolAttempt item) {
        if (!BlameResolver.ranOutReceiving(item, worker)) {
            return " while it ran " + item.label();
        }
        return " while it received the " + (item.carriesFunction ? "function of " : "input of ") + item.label();
    }

    private static void describeMemory(WorkerRecord worker, String what, long bytes, StringBuilder text) {
        ProgressFile.Entry last = worker.lastEntry;
        if (last != null) {
            text.append("; ").append(what).append(" takes ").append(bytes).append(" bytes encoded, its heap holds ");
            text.append(last.heapBytes()).append(" bytes at most: raise maxHeapBytes, or let it need less");
        }
    }

    /** For items that wait, after so many failed starts in a row. */
    static WorkerLostException neverReady(WorkerRecord worker, int failedStarts) {
        StringBuilder text = new StringBuilder("no worker gets ready: ")
                .append(failedStarts)
                .append(" in a row died before; the last, ")
                .append(worker.describe())
                .append(", ")
                .append(verb(worker, reason(worker)));
        if (reason(worker) == Reason.OUT_OF_MEMORY) {
            describeMemory(worker, "its initializer", worker.initializerBytes, text);
        }
        List<String> lines = worker.tail.lines();
        if (!lines.isEmpty()) {
            text.append("; its last lines: ").append(String.join(System.lineSeparator(), lines));
        }
        if (lines.stream().anyMatch(WorkerLossReport::saysNoMainClass)) {
            text.append(System.lineSeparator()).append(CLASS_PATH_HINT);
        }
        if (lines.stream().anyMatch(WorkerLossReport::saysNoWorkingDirectory)) {
            text.append(System.lineSeparator()).append(WORKING_DIRECTORY_HINT);
        }
        return exception(worker, text.toString(), Reason.NEVER_READY);
    }

    /** For the other items of a call whose function has taken down too many workers. */
    static WorkerLostException hopeless(PoolAttempt item, WorkerLostException last) {
        String text =
                item.label() + " was not tried: workers keep dying while they decode its call's function; the last: "
                        + last.getMessage();
        Integer code = last.exitCode().isPresent() ? last.exitCode().getAsInt() : null;
        return new WorkerLostException(text, last.reason(), code, last.stderr());
    }

    private static boolean saysNoWorkingDirectory(String line) {
        return line.contains("Could not determine current working directory");
    }

    private static boolean saysNoMainClass(String line) {
        return line.contains("ClassNotFoundException: " + WorkerMain.class.getName());
    }

    private static WorkerLostException exception(WorkerRecord worker, String text, Reason reason) {
        WorkerLostException lost = new WorkerLostException(text, reason, exitCode(worker), worker.tail.lines());
        if (worker.cause != null) {
            lost.initCause(worker.cause);
        }
        return lost;
    }

    private static void describeThreads(WorkerRecord worker, PoolAttempt item, StringBuilder text) {
        if (worker.dump != null && worker.dumpedItem == item.id) {
            text.append("; its threads just before:")
                    .append(System.lineSeparator())
                    .append(worker.dump);
            return;
        }
        text.append("; there is no thread dump: the worker did not answer");
        if (!worker.stateAtKill.isEmpty()) {
            text.append(" (process state ").append(worker.stateAtKill).append(')');
        }
    }

    private static @Nullable Integer exitCode(WorkerRecord worker) {
        Process process = worker.process;
        return process == null || process.isAlive() ? null : process.exitValue();
    }

    static Reason reason(WorkerRecord worker) {
        if (worker.killedFor != null) {
            return worker.killedFor;
        }
        Integer code = exitCode(worker);
        if (code == null || code == WorkerExitCode.PROTOCOL || code == WorkerExitCode.PARENT_GONE) {
            return Reason.PROTOCOL_ERROR;
        }
        if (code == WorkerExitCode.OUT_OF_MEMORY && !worker.exiting) {
            return Reason.OUT_OF_MEMORY;
        }
        if (crash(worker) != null) {
            return Reason.SIGNALLED;
        }
        boolean signalled =
                code > SIGNAL_BASE && code <= SIGNAL_BASE + LAST_SIGNAL && (!worker.exiting || worker.terminated);
        return signalled ? Reason.SIGNALLED : Reason.EXITED;
    }

    private static String verb(WorkerRecord worker, Reason reason) {
        if (worker.killedFor != null) {
            return "was killed, because " + worker.killNote + ",";
        }
        Integer code = exitCode(worker);
        if (code == null) {
            Throwable cause = worker.cause;
            return "could not be started" + (cause == null ? "" : ": " + cause.getMessage());
        }
        String crash = crash(worker);
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

    /** What the JVM said of its own crash; it then exits as {@code exit(1)} does, since it is to leave no core file. */
    private static @Nullable String crash(WorkerRecord worker) {
        List<String> lines = worker.tail.lines();
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
