package dev.brigade.process.connection;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.brigade.WorkerOutput;
import dev.brigade.process.os.BestEffort;
import dev.brigade.process.protocol.Frame;
import dev.brigade.process.protocol.FrameChannel;
import dev.brigade.process.protocol.ProtocolException;
import dev.brigade.process.scheduling.PoolState;
import dev.brigade.process.scheduling.WorkerRecord;
import dev.brigade.transport.Payload;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handles the frames that workers send.
 *
 * <p>Design note: on the event loop's thread only. No user class is decoded and no user code is called here. A result goes to the engine
 * as bytes, a line of output goes to the dispatcher.
 */
public final class FrameHandler implements WorkerAcceptor.ConnectionListener, ResultRingPoller.ResultListener {
    private static final Logger LOG = LoggerFactory.getLogger(FrameHandler.class);
    private static final int STDERR = 2;

    private final PoolState state;
    private final OutputDispatcher output;
    private final @Nullable Payload initializer;
    private final Runnable flush;
    private final ResultRingPoller poller = new ResultRingPoller(this);

    public FrameHandler(PoolState state, OutputDispatcher output, @Nullable Payload initializer, Runnable flush) {
        this.state = state;
        this.output = output;
        this.initializer = initializer;
        this.flush = flush;
    }

    @Override
    public @Nullable ConnectedWorker expected(int number) {
        for (WorkerRecord worker : state.workers()) {
            if (worker.number() == number && worker instanceof ConnectedWorker one) {
                return one.channel() == null && !one.token().isEmpty() ? one : null;
            }
        }
        return null;
    }

    @Override
    public void connected(ConnectedWorker worker, FrameChannel channel) {
        worker.setChannel(channel);
        state.connected(worker);
        poller.register(worker);
        if (initializer == null) {
            ready(worker, Frame.of(Frame.READY, 0));
        } else {
            channel.send(new Frame(Frame.INITIALIZE, 0, 0, 0, initializer.kind(), 0, initializer.bytes()));
        }
    }

    @Override
    public void received(ConnectedWorker worker, Frame frame) {
        poller.poll(worker); // what had been published before the frame was sent
        switch (frame.type()) {
            case Frame.BELL -> {}
            case Frame.OUTPUT -> printed(worker, frame);
            case Frame.READY -> ready(worker, frame);
            default -> decide(worker, frame);
        }
        poller.handled(worker, frame);
    }

    private void decide(ConnectedWorker worker, Frame frame) {
        if (frame.type() == Frame.RETIRING && frame.number() == Frame.RETIRING_SIGNAL) {
            LOG.info("{} has got SIGTERM: it finishes what it has, and ends then", worker.describe());
        }
        if (!state.received(worker, frame, System.nanoTime())) {
            disconnected(worker, new ProtocolException("unknown frame type " + frame.type()));
        }
    }

    private void ready(ConnectedWorker worker, Frame frame) {
        LOG.debug("{} is ready", worker.describe());
        state.received(worker, frame, System.nanoTime());
    }

    /** The results of rings. */
    public ResultRingPoller poller() {
        return poller;
    }

    @Override
    public int results(ConnectedWorker worker, List<Frame> results) {
        return state.results(worker, results, System.nanoTime());
    }

    @Override
    public void broken(ConnectedWorker worker, ProtocolException why) {
        disconnected(worker, why);
    }

    private void printed(ConnectedWorker worker, Frame frame) {
        String line = new String(frame.bytes(), UTF_8);
        if (frame.number() == STDERR) {
            worker.stderr().add(line);
        }
        String label = state.label(worker, frame.id());
        boolean probable = frame.batch() == Frame.PROBABLE && !label.isEmpty();
        output.offer(new WorkerOutput(line, worker.name(), probable ? label + "?" : label));
    }

    @Override
    public void disconnected(ConnectedWorker worker, @Nullable Throwable why) {
        FrameChannel channel = worker.channel();
        if (channel != null) {
            BestEffort.attempt("closing a channel", channel::close);
        }
        if (why instanceof ProtocolException) {
            LOG.warn("{} broke the protocol and is killed", worker.describe(), why);
        } else if (why instanceof RuntimeException || why instanceof Error) {
            LOG.warn("the channel of {} failed here, and it is killed", worker.describe(), why);
        }
        state.disconnected(worker, why, System.nanoTime());
    }

    /** Reads what a dead worker had written, and closes the channel. */
    public void readRest(ConnectedWorker worker) {
        BestEffort.attempt("reading the rest of the socket", () -> readRestOfSocket(worker));
        state.ended(worker);
        poller.pollLast(worker);
    }

    private void readRestOfSocket(ConnectedWorker worker) {
        FrameChannel channel = worker.channel();
        if (channel == null || !channel.isOpen()) {
            return;
        }
        try {
            channel.readRest(frame -> received(worker, frame));
        } catch (IOException e) {
            LOG.debug("the channel of {} had ended", worker.describe(), e);
        } finally {
            channel.close();
        }
    }

    @Override
    public void caughtUp() {
        flush.run();
    }

    /** Returns the name of the task that the worker is probably at. Any thread. */
    public String probableLabel(ConnectedWorker worker) {
        String label = state.headLabel(worker);
        return label.isEmpty() ? "" : label + "?";
    }
}
