package dev.brigade.runner;

import dev.brigade.AsyncFunction;
import dev.brigade.Capability;
import dev.brigade.RemoteTaskException;
import dev.brigade.Stages;
import dev.brigade.TaskFunction;
import dev.brigade.spi.AttemptHandle;
import dev.brigade.spi.BatchSpec;
import dev.brigade.spi.ExecutionBackend;
import dev.brigade.spi.PreparedTask;
import dev.brigade.spi.Session;
import dev.brigade.spi.TaskBodies;
import dev.brigade.transport.Codec;
import dev.brigade.transport.Payload;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks as another backend does, and proves that each task could run in another process. It encodes and decodes functions, inputs,
 * results and failures, and drops the copies. A task that cannot be transported fails as it would there.
 *
 * <p><b>Thread safety</b>: that of the other backend.
 */
final class TransportCheckingBackend implements ExecutionBackend {
    private final ExecutionBackend delegate;

    TransportCheckingBackend(ExecutionBackend delegate) {
        this.delegate = delegate;
    }

    @Override
    public Set<Capability> capabilities() {
        return delegate.capabilities();
    }

    @Override
    public int maxConcurrency() {
        return delegate.maxConcurrency();
    }

    @Override
    public boolean inline() {
        return delegate.inline();
    }

    @Override
    public boolean queuesAhead() {
        return delegate.queuesAhead();
    }

    @Override
    public boolean mayQueue() {
        return delegate.mayQueue();
    }

    @Override
    public Predicate<AttemptHandle> dropped() {
        return delegate.dropped();
    }

    @Override
    public void checkMayWait() {
        delegate.checkMayWait();
    }

    @Override
    public <I, R> Session<I, R> open(TaskFunction<I, R> function, BatchSpec spec) {
        Crossing crossing = new Crossing(Codec.of(spec.loader()));
        crossing.check(TaskBodies.toSend(function));
        TaskFunction<I, R> checked = function instanceof AsyncFunction<I, R> async
                ? new CheckedStart<>(async, crossing)
                : new Checked<>(function, crossing);
        return new StrictSession<>(delegate.open(checked, spec), crossing);
    }

    @Override
    public boolean close(Duration atMost) throws InterruptedException {
        return delegate.close(atMost);
    }

    private record StrictSession<I, R>(Session<I, R> session, Crossing crossing) implements Session<I, R> {
        @Override
        public int room() {
            return session.room();
        }

        @Override
        public PreparedTask<R> prepare(I input) throws Exception {
            crossing.check(input);
            return session.prepare(input);
        }

        @Override
        public boolean takesTurns() {
            return session.takesTurns();
        }

        @Override
        public void flush() {
            session.flush();
        }

        @Override
        public void close() {
            session.close();
        }
    }

    /** Encodes and decodes objects, and drops the copies. */
    private record Crossing(Codec codec) {
        /** Throws the exception that the caller would get if {@code value} were transported and cannot be. */
        void check(@Nullable Object value) {
            codec.decode(codec.encode(value));
        }

        /** Throws the exception that would come back instead of the result. */
        void checkResult(@Nullable Object result) {
            throwStandIn(codec.encodeResult(result));
        }

        /** Throws the exception that would come back instead of the failure; returns if the failure itself would come back. */
        void checkFailure(Throwable failure) {
            if (!(failure instanceof RemoteTaskException)) {
                throwStandIn(codec.encodeFailure(failure));
            }
        }

        private void throwStandIn(Payload payload) {
            try {
                codec.decodeReply(payload);
            } catch (RemoteTaskException standIn) {
                throw standIn;
            } catch (Throwable itself) {
                return; // the failure can cross: the original is thrown, not this copy
            }
        }
    }

    @SuppressWarnings("serial") // stays in this JVM; only the function in it could be sent
    private record Checked<I, R>(TaskFunction<I, R> function, Crossing crossing) implements TaskFunction<I, R> {
        @Override
        public R apply(I input) throws Exception {
            R result;
            try {
                result = function.apply(input);
            } catch (Throwable failure) {
                crossing.checkFailure(failure);
                throw failure;
            }
            TaskBodies.requirePlain(result);
            crossing.checkResult(result);
            return result;
        }
    }

    @SuppressWarnings("serial") // as above
    private record CheckedStart<I, R>(AsyncFunction<I, R> function, Crossing crossing) implements AsyncFunction<I, R> {
        @Override
        public CompletionStage<R> start(I input) throws Exception {
            CompletionStage<R> stage = function.start(input);
            return stage == null ? stage : stage.handle(this::checked);
        }

        private R checked(R result, @Nullable Throwable failure) {
            if (failure == null) {
                crossing.checkResult(result);
                return result;
            }
            Throwable cause = Stages.unwrapped(failure);
            crossing.checkFailure(cause);
            throw new CompletionException(cause);
        }
    }
}
