package dev.brigade.engine;

/**
 * What a thread does that has run a body and keeps its place: it runs the next ready items of the same call, one at a time.
 *
 * <p>To free the place, and have the dispatcher take it again and bring the next item to an executor's queue and so to a thread,
 * costs more than a brief body. An item is claimed only when the thread is about to run it, so none waits behind a slow body
 * while another thread is idle. Where others want the thread, it goes on only with bodies that are known to be brief, and not
 * for long.
 *
 * <p><b>Thread safety</b>: one thread's own.
 */
final class Turn<I, R> {
    /** How long a thread that others want may go on. */
    private static final long SHARED_NANOS = 1_000_000;

    private final Call<I, R> call;

    /** When it was first seen that others want this thread; 0 before. */
    private long wantedNanos;

    private Turn(Call<I, R> call) {
        this.call = call;
    }

    /** A body has ended on the calling thread: goes on there if it may, and frees the place in the end. */
    static <I, R> void endedHere(BodyAttempt<I, R> ended) {
        Call<I, R> call = ended.item.call;
        if (call.takesTurns && ended.holdsPlace) {
            new Turn<>(call).goOn(ended);
        } else {
            call.release(ended);
        }
    }

    private void goOn(BodyAttempt<I, R> ended) {
        Thread self = Thread.currentThread();
        BodyAttempt<I, R> last = ended;
        while (mayGoOn()) {
            Thread.interrupted(); // somebody's who meant no body of ours
            BodyAttempt<I, R> next = call.claimHere(self);
            if (next == null) {
                break;
            }
            call.engine.lifecycle.gone(last);
            last = next;
            if (!next.runInTurn()) {
                return; // its place went with it
            }
        }
        call.release(last);
    }

    private boolean mayGoOn() {
        Engine engine = call.engine;
        if (engine.isOverLimit()) {
            return false;
        }
        if (!engine.strategy.mayQueue() && !engine.dispatcher.othersWait(call)) {
            return true;
        }
        if (!call.brief) {
            return false;
        }
        long nowNanos = System.nanoTime();
        if (wantedNanos == 0) {
            wantedNanos = nowNanos;
        }
        return nowNanos - wantedNanos < SHARED_NANOS;
    }
}
