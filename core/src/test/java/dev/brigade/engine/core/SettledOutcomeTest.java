package dev.brigade.engine.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Outcome.State;
import dev.brigade.Timing;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class SettledOutcomeTest {
    private static final long WAIT_SECONDS = 20;

    private final AtomicReference<@Nullable SettledOutcome<Object>> settled = new AtomicReference<>();
    private final AtomicBoolean first = new AtomicBoolean(true);

    private @Nullable Object ask() {
        SettledOutcome<Object> known = settled.get();
        return known == null ? null : known.outcome().value();
    }

    /** A {@code readResolve} is user code, and may wait for a thread that asks for the same outcome. */
    @Test
    @Timeout(60)
    void aThreadThatAsksMeanwhileDoesNotWaitForTheOneThatDecodes() throws Exception {
        CompletableFuture<@Nullable Object> other = new CompletableFuture<>();
        settled.set(new SettledOutcome<>(
                State.SUCCESS,
                null,
                null,
                () -> {
                    if (first.compareAndSet(true, false)) {
                        new Thread(() -> other.complete(ask())).start();
                        other.get(WAIT_SECONDS, TimeUnit.SECONDS);
                    }
                    return new Object();
                },
                new TaskTimes(new Timing(1, 1, 1), 1, "worker")));
        Object mine = ask();
        assertNotNull(mine, "decoded, and not given up after the wait for the other thread");
        assertTrue(other.isDone(), "the other thread got the outcome first");
        assertSame(other.get(), mine, "both got the same");
    }

    @Test
    void whatCannotBeDecodedIsAFailure() {
        SettledOutcome<Object> broken = new SettledOutcome<>(
                State.SUCCESS,
                null,
                null,
                () -> {
                    throw new IllegalStateException("in readResolve");
                },
                new TaskTimes(new Timing(1, 1, 1), 1, "worker"));
        assertEquals(State.FAILED, broken.outcome().state());
    }
}
