package dev.brigade.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Where an item is between its pull and its outcome.
 *
 * <p>Design note: whatever can happen to an item races for one word, (attempt number, phase), by compare-and-set; the
 * move to SETTLED happens once. The number in the word makes a
 * late event of an earlier attempt miss.
 *
 * <pre>
 *  READY --claim--> HANDED --body ended---------------------------------> SETTLED
 *    ^                |  |--returned--> READY                                ^
 *    |                |--deadline, outcome not yet to be reported--> DOOMED --|
 *    |                '--failed, to be tried again--> PAUSED <---------'      |
 *    '--------------back-off over, body gone-----------'  '-- body not gone --|
 *  READY, HANDED, PAUSED --cancelled--------------------------------------> SETTLED
 * </pre>
 *
 * @param <T> the type of the item
 */
abstract class ItemState<T extends CompletionQueue.Node<T>> extends CompletionQueue.Node<T> {
    static final int READY = 0;
    static final int HANDED = 1;
    static final int DOOMED = 2;
    static final int PAUSED = 3;
    static final int SETTLED = 4;
    private static final int PHASE_BITS = 3;
    private static final int PHASE_MASK = (1 << PHASE_BITS) - 1;
    private static final VarHandle WORD;

    static {
        try {
            WORD = MethodHandles.lookup().findVarHandle(ItemState.class, "word", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Attempt number and phase; see the diagram. */
    private volatile int word;

    private static int word(int number, int phase) {
        return number << PHASE_BITS | phase;
    }

    static int phase(int word) {
        return word & PHASE_MASK;
    }

    static int number(int word) {
        return word >>> PHASE_BITS;
    }

    final int word() {
        return word;
    }

    final boolean move(int number, int from, int to) {
        return WORD.compareAndSet(this, word(number, from), word(number, to));
    }

    /** READY to HANDED; the number of the attempt that this begins, or 0 when the item is not READY. */
    final int claimNumber() {
        int seen = word;
        int number = number(seen) + 1;
        return phase(seen) == READY && WORD.compareAndSet(this, seen, word(number, HANDED)) ? number : 0;
    }

    /** The attempt will not run: HANDED to READY, as if it had not been claimed. */
    final boolean giveBack(int number) {
        return WORD.compareAndSet(this, word(number, HANDED), word(number - 1, READY));
    }

    final boolean isSettled() {
        return phase(word) == SETTLED;
    }

    final boolean isReady() {
        return phase(word) == READY;
    }

    final boolean isHanded(int number) {
        return word == word(number, HANDED);
    }

    final boolean isDoomed(int number) {
        return word == word(number, DOOMED);
    }
}
