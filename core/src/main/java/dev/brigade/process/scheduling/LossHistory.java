package dev.brigade.process.scheduling;

import dev.brigade.WorkerLostException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The workers that the attempts at one input have cost, so that the last one's exception can tell of them all.
 *
 * <p>Design note: guarded by the pool's lock. Costs nothing while nothing is lost.
 */
public abstract class LossHistory {
    /** So many are told in detail; the others are counted. */
    private static final int MAX_TOLD = 8;

    private int count;

    /** The latest, oldest first; null while there is none. */
    private @Nullable ArrayDeque<Loss> latest;

    /** One that is over. */
    private record Loss(String what, WorkerLostException lost) {}

    /** How many there have been. */
    int count() {
        return count;
    }

    /**
     * Hangs what was lost before to the exception of this loss, and remembers this one.
     *
     * @param what it in one line
     * @param lost the exception for whoever waits
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

    /** Its own object each time, without a stack: the same one twice in what is printed would look like a circle. */
    private static WorkerLostException inShort(Loss loss) {
        Integer code = loss.lost.exitCode().isPresent() ? loss.lost.exitCode().getAsInt() : null;
        WorkerLostException told = new WorkerLostException(loss.what, loss.lost.reason(), code, loss.lost.stderr());
        told.setStackTrace(new StackTraceElement[0]);
        return told;
    }
}
