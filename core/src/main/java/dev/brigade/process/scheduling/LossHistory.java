package dev.brigade.process.scheduling;

import dev.brigade.WorkerLostException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The workers that the attempts at one input have cost, so that the last attempt's exception can tell of them all.
 *
 * <p>Design note: guarded by the pool's lock. Allocates nothing while no worker is lost.
 */
public abstract class LossHistory {
    /** Number of losses that are told in detail; the earlier ones are only counted. */
    private static final int MAX_TOLD = 8;

    private int count;

    /** The latest losses, oldest first; null while there is none. */
    private @Nullable ArrayDeque<Loss> latest;

    /** An earlier loss. */
    private record Loss(String what, WorkerLostException lost) {}

    /** Returns the number of losses. */
    int count() {
        return count;
    }

    /**
     * Adds the earlier losses to the exception of this loss, as suppressed exceptions, and remembers this loss.
     *
     * @param what the loss in one line
     * @param lost the exception of the attempt
     */
    void add(String what, WorkerLostException lost) {
        ArrayDeque<Loss> before = latest == null ? new ArrayDeque<>(2) : latest;
        for (Loss loss : before) {
            lost.addSuppressed(inShort(loss));
        }
        if (before.size() == MAX_TOLD) {
            before.removeFirst();
        }
        before.addLast(new Loss(what, lost));
        latest = before;
        count++;
    }

    /** Returns a new exception each time, without a stack: the same exception twice in one stack trace would look like a circle. */
    private static WorkerLostException inShort(Loss loss) {
        Integer code = loss.lost.exitCode().isPresent() ? loss.lost.exitCode().getAsInt() : null;
        WorkerLostException told = new WorkerLostException(loss.what, loss.lost.reason(), code, loss.lost.stderr());
        told.setStackTrace(new StackTraceElement[0]);
        return told;
    }
}
