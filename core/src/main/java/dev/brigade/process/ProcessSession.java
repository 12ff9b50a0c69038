package dev.brigade.process;

import dev.brigade.process.scheduling.LossHistory;
import dev.brigade.process.scheduling.PoolBatch;
import dev.brigade.spi.Attempt;
import dev.brigade.spi.AttemptHandle;
import dev.brigade.spi.PreparedTask;
import dev.brigade.spi.Session;
import dev.brigade.transport.Codec;
import dev.brigade.transport.Payload;

/**
 * One batch as the engine sees it: encodes inputs and submits them.
 *
 * @param <I> the type of the inputs
 * @param <R> the type of the results
 */
final class ProcessSession<I, R> implements Session<I, R> {
    private final ProcessPool pool;
    private final PoolBatch batch;
    private final Codec codec;

    ProcessSession(ProcessPool pool, PoolBatch batch, Codec codec) {
        this.pool = pool;
        this.batch = batch;
        this.codec = codec;
    }

    @Override
    public int room() {
        return pool.room(batch);
    }

    @Override
    public PreparedTask<R> prepare(I input) {
        return new Encoded<>(this, pool.checkSize(codec.encode(input), "input"));
    }

    @Override
    public void flush() {
        pool.flush();
    }

    @Override
    public void close() {
        pool.release(batch);
    }

    private static final class Encoded<I, R> extends LossHistory implements PreparedTask<R> {
        private final ProcessSession<I, R> session;
        private final Payload input;

        Encoded(ProcessSession<I, R> session, Payload input) {
            this.session = session;
            this.input = input;
        }

        @Override
        @SuppressWarnings("unchecked") // the batch's function makes results of the attempt's type
        public AttemptHandle start(Attempt<R> attempt) {
            return session.pool.submit(session.batch, session.codec, input, this, (Attempt<Object>) attempt);
        }

        @Override
        public long bytes() {
            return input.size();
        }
    }
}
