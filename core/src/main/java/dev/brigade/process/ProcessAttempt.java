package dev.brigade.process;

import dev.brigade.process.scheduling.LossHistory;
import dev.brigade.process.scheduling.PoolAttempt;
import dev.brigade.process.scheduling.PoolBatch;
import dev.brigade.spi.Attempt;
import dev.brigade.spi.AttemptHandle;
import dev.brigade.spi.StopMode;
import dev.brigade.transport.Codec;
import dev.brigade.transport.Payload;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** An attempt in the pool, and the engine's side of it. */
final class ProcessAttempt extends PoolAttempt implements AttemptHandle {
    private final ProcessPool pool;
    private final Codec codec;
    private final Attempt<Object> engine;

    private ProcessAttempt(
            ProcessPool pool,
            int id,
            PoolBatch batch,
            Codec codec,
            Payload input,
            LossHistory losses,
            Attempt<Object> engine,
            @Nullable Duration batchRemaining) {
        super(
                id,
                batch,
                input,
                losses,
                engine.number(),
                engine.index(),
                batchRemaining == null ? 0 : System.nanoTime() + batchRemaining.toNanos(),
                batchRemaining != null);
        this.pool = pool;
        this.codec = codec;
        this.engine = engine;
    }

    static ProcessAttempt of(
            ProcessPool pool,
            int id,
            PoolBatch batch,
            Codec codec,
            Payload input,
            LossHistory losses,
            Attempt<Object> engine) {
        Optional<Duration> remaining = engine.batchRemaining();
        return new ProcessAttempt(pool, id, batch, codec, input, losses, engine, remaining.orElse(null));
    }

    @Override
    public void stop(StopMode why) {
        pool.stop(this, why);
    }

    @Override
    protected void started(String workerName) {
        engine.started(workerName);
    }

    @Override
    protected void answered(Payload answer) {
        try {
            engine.endedEncoded(decoding(codec, answer), answer.isFailure());
        } catch (RuntimeException | Error e) {
            // Memory or threads have run out. The task must end all the same; if its end was reported before, this does
            // nothing.
            engine.ended(null, e);
        }
    }

    @Override
    protected void failed(Throwable why) {
        engine.ended(null, why);
    }

    @Override
    protected void returned() {
        engine.returned();
    }

    /** Holds nothing of the task: a future may keep it until somebody asks for the result. */
    private static Callable<Object> decoding(Codec codec, Payload reply) {
        return () -> ProcessAttempt.<RuntimeException>decode(codec, reply);
    }

    /** Throws the task's failure unwrapped, even if it is neither an Exception nor an Error. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // what is thrown has no type here
    private static <E extends Throwable> @Nullable Object decode(Codec codec, Payload reply) throws E {
        try {
            return codec.decodeReply(reply);
        } catch (Throwable e) {
            throw (E) e;
        }
    }
}
