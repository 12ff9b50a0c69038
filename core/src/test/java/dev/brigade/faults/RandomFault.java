package dev.brigade.faults;

import dev.brigade.Outcome;
import dev.brigade.Outcome.State;
import dev.brigade.RemoteTaskException;
import dev.brigade.TaskTimeoutException;
import dev.brigade.WorkerLostException;
import dev.brigade.WorkerLostException.Reason;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** The action of one task in a soak test, and its expected end. */
enum RandomFault {
    WORKS(90.0),
    EXITS(2.0),
    THROWS(2.0),
    RUNS_OUT_OF_HEAP(1.0),
    HANGS(1.0),
    OVERFLOWS(1.0),
    CANNOT_BE_SERIALIZED(1.0),
    PRINTS_A_MEGABYTE(1.0),
    IS_KILLED_FROM_OUTSIDE(1.0);

    static final int PRINTED_LINES = 1024;
    static final int LINE_CHARS = 1024;

    /** Prefix of the files by which workers announce that they are to be killed. */
    static final String ANNOUNCEMENT = "kill-";

    private static final int EXIT_CODES = 80;

    private final double percent;

    RandomFault(double percent) {
        this.percent = percent;
    }

    /** Returns an action at random, by their percentages; {@code WORKS} if rounding leaves a remainder. */
    static RandomFault next(Random random) {
        double left = random.nextDouble() * 100;
        for (RandomFault one : values()) {
            left -= one.percent;
            if (left < 0) {
                return one;
            }
        }
        return WORKS;
    }

    /** A task: its number, its action and the directory for announcements. */
    record Order(int number, RandomFault action, String directory) implements Serializable {
        private static final long serialVersionUID = 1L;

        int exitCode() {
            return number % EXIT_CODES;
        }
    }

    /** Does the action of a task, in the worker. */
    static Object run(Order order) throws Exception {
        switch (order.action()) {
            case EXITS -> System.exit(order.exitCode());
            case THROWS -> throw new IOException("task " + order.number());
            case RUNS_OUT_OF_HEAP -> FaultActions.fillHeap();
            case HANGS -> FaultActions.ignoreInterrupts();
            case OVERFLOWS -> FaultActions.overflow(0);
            case CANNOT_BE_SERIALIZED -> {
                return new Object();
            }
            case PRINTS_A_MEGABYTE -> print();
            case IS_KILLED_FROM_OUTSIDE -> awaitKill(order);
            default -> {}
        }
        return order.number();
    }

    private static void print() {
        String line = "x".repeat(LINE_CHARS - 1);
        for (int i = 0; i < PRINTED_LINES; i++) {
            System.out.println(line);
        }
    }

    private static void awaitKill(Order order) throws IOException {
        Path file = Path.of(order.directory(), ANNOUNCEMENT + order.number());
        Path written = Path.of(order.directory(), "new-" + order.number());
        Files.writeString(written, "" + ProcessHandle.current().pid());
        Files.move(written, file);
        FaultActions.spin();
    }

    /** Returns true if the task has ended as expected. */
    static boolean isExpected(Order order, Outcome<?, Object> outcome) {
        Throwable failure = outcome.exception();
        boolean failed = outcome.state() == State.FAILED;
        return outcome.attempts() == 1
                && switch (order.action()) {
                    case WORKS, PRINTS_A_MEGABYTE ->
                        Integer.valueOf(order.number()).equals(outcome.value());
                    case EXITS -> failed && isLost(failure, Reason.EXITED, order.exitCode());
                    case THROWS ->
                        failed
                                && failure instanceof IOException
                                && ("task " + order.number()).equals(failure.getMessage());
                    case RUNS_OUT_OF_HEAP -> failed && isLost(failure, Reason.OUT_OF_MEMORY, 3);
                    case HANGS ->
                        outcome.state() == State.TIMED_OUT
                                && failure instanceof TaskTimeoutException
                                && isLost(failure.getCause(), Reason.KILLED, 137);
                    case OVERFLOWS -> failed && failure instanceof StackOverflowError;
                    case CANNOT_BE_SERIALIZED -> failed && failure instanceof RemoteTaskException;
                    case IS_KILLED_FROM_OUTSIDE -> failed && isLost(failure, Reason.SIGNALLED, 137);
                };
    }

    private static boolean isLost(Throwable failure, Reason reason, int exitCode) {
        return failure instanceof WorkerLostException lost
                && lost.reason() == reason
                && lost.exitCode().orElse(-1) == exitCode;
    }
}
