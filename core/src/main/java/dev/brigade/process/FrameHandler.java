package dev.brigade.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.brigade.WorkerLostException.Reason;
import dev.brigade.process.os.BestEffort;
import dev.brigade.process.protocol.Frame;
import dev.brigade.process.protocol.FrameChannel;
import dev.brigade.process.protocol.ProtocolException;
import dev.brigade.transport.Codec;
import dev.brigade.transport.Payload;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears what workers say.
 *
 * <p>Design note: on the channel's thread only. No class of the user's is decoded here, and none of the user's code called: a
 * result is handed to the engine as bytes, a line of output to the pump.
 */
final class FrameHandler implements WorkerAcceptor.ConnectionListener {
    private static final Logger LOG = LoggerFactory.getLogger(FrameHandler.class);
    private static final int STDERR = 2;

    private final PoolState crew;
    private final WorkerSupervisor supervisor;
    private final OutputDispatcher output;
    private final @Nullable Payload initializer;
    private final Runnable flush;
    private final ResultRingPoller vigil = new ResultRingPoller(new RingResults());

    /** What comes through the rings of results. */
    private final class RingResults implements ResultRingPoller.ResultListener {
        @Override
        public boolean settles(WorkerRecord worker, Frame result) {
            synchronized (crew) {
                if (worker.hasBehind(result.id())) {
                    return false; // something before it has been given back, as the socket will tell
                }
            }
            settle(worker, result);
            return true;
        }

        @Override
        public void broken(WorkerRecord worker, ProtocolException why) {
            disconnected(worker, why);
        }
    }

    FrameHandler(
            PoolState crew,
            WorkerSupervisor supervisor,
            OutputDispatcher output,
            @Nullable Payload initializer,
            Runnable flush) {
        this.crew = crew;
        this.supervisor = supervisor;
        this.output = output;
        this.initializer = initializer;
        this.flush = flush;
    }

    @Override
    public @Nullable WorkerRecord expected(int number) {
        synchronized (crew) {
            for (WorkerRecord worker : crew.slots()) {
                boolean waits = worker != null && worker.link == null && !worker.token.isEmpty();
                if (waits && worker.number == number) {
                    return worker;
                }
            }
            return null;
        }
    }

    @Override
    public void connected(WorkerRecord worker, FrameChannel link) {
        synchronized (crew) {
            worker.link = link;
            worker.initializerBytes = initializer == null ? 0 : initializer.size();
        }
        vigil.begin(worker);
        if (initializer == null) {
            ready(worker);
        } else {
            link.send(new Frame(Frame.INITIALIZE, 0, 0, 0, initializer.kind(), 0, initializer.bytes()));
        }
    }

    @Override
    public void received(WorkerRecord worker, Frame frame) {
        vigil.take(worker); // what had been published before the frame was sent
        switch (frame.type()) {
            case Frame.RESULT -> settle(worker, frame);
            case Frame.BELL -> {}
            case Frame.RETURNED -> returned(worker, frame.id());
            case Frame.OUTPUT -> printed(worker, frame);
            case Frame.READY -> ready(worker);
            case Frame.DUMP -> dumped(worker, frame);
            case Frame.EXITING -> supervisor.exiting(worker, frame.number() != 0);
            case Frame.RETIRING -> retiring(worker, frame);
            default -> disconnected(worker, new ProtocolException("unknown frame type " + frame.type()));
        }
        vigil.passed(worker, frame);
    }

    /** The rings of results, for the thread that waits. */
    ResultRingPoller vigil() {
        return vigil;
    }

    private void ready(WorkerRecord worker) {
        LOG.debug("{} is ready", worker.describe());
        PoolActions effects = new PoolActions();
        supervisor.ready(worker, effects);
        effects.perform();
    }

    private void retiring(WorkerRecord worker, Frame frame) {
        if (frame.number() == Frame.RETIRING_SIGNAL) {
            LOG.info("{} has got SIGTERM: it finishes what it has, and ends then", worker.describe());
        }
        supervisor.retiring(worker);
    }

    private void settle(WorkerRecord worker, Frame frame) {
        PoolActions effects = new PoolActions();
        PoolAttempt item = crew.settle(worker, frame.id(), frame.nanos(), effects);
        if (item != null) {
            effects.announce(item);
            hand(item, new Payload(frame.kind(), frame.bytes()));
        }
        effects.perform();
    }

    private static void hand(PoolAttempt item, Payload reply) {
        item.awaitAnnounced();
        try {
            item.attempt.endedEncoded(decoding(item.lane.codec(), reply), reply.isFailure());
        } catch (RuntimeException | Error e) {
            // Out of memory or threads: nobody may wait for ever for that. When it has been told, this is not heard.
            item.attempt.ended(null, e);
        }
    }

    /** Holds nothing of the task: a future may keep it until somebody asks for the result. */
    private static Callable<Object> decoding(Codec codec, Payload reply) {
        return () -> FrameHandler.<RuntimeException>decode(codec, reply);
    }

    /** Throws the task's failure as it is, also one that is neither an Exception nor an Error. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // what is thrown has no type here
    private static <E extends Throwable> @Nullable Object decode(Codec codec, Payload reply) throws E {
        try {
            return codec.decodeReply(reply);
        } catch (Throwable e) {
            throw (E) e;
        }
    }

    private void returned(WorkerRecord worker, int id) {
        PoolActions effects = new PoolActions();
        crew.returned(worker, id, effects);
        effects.perform();
    }

    private void printed(WorkerRecord worker, Frame frame) {
        String line = new String(frame.bytes(), UTF_8);
        if (frame.number() == STDERR) {
            worker.tail.add(line);
        }
        String label = label(worker, frame.id());
        boolean probable = frame.call() == Frame.PROBABLE && !label.isEmpty();
        output.offer(worker.name(), probable ? label + "?" : label, line);
    }

    private void dumped(WorkerRecord worker, Frame frame) {
        synchronized (crew) {
            PoolAttempt head = worker.ledger.head();
            if (head != null && head.id == frame.id()) {
                worker.dump = new String(frame.bytes(), UTF_8);
                worker.dumpedItem = head.id;
            }
        }
    }

    @Override
    public void disconnected(WorkerRecord worker, @Nullable Throwable why) {
        FrameChannel link = worker.link;
        if (link != null) {
            BestEffort.attempt("closing a channel", link::close);
        }
        synchronized (crew) {
            worker.disconnected = true;
            worker.cause = worker.cause == null ? why : worker.cause;
        }
        if (why instanceof ProtocolException) {
            LOG.warn("{} broke the protocol and is killed", worker.describe(), why);
            kill(worker, "it broke the protocol: " + why.getMessage());
        } else if (why instanceof RuntimeException || why instanceof Error) {
            LOG.warn("the channel of {} failed here, and it is killed", worker.describe(), why);
            kill(worker, "its channel failed here: " + why);
        } else {
            supervisor.expectExit(worker, WorkerRecord.EXIT_NANOS);
        }
    }

    private void kill(WorkerRecord worker, String why) {
        PoolActions effects = new PoolActions();
        supervisor.kill(worker, Reason.PROTOCOL_ERROR, why, effects);
        effects.perform();
    }

    /** Reads what a dead worker had written, and closes the channel. */
    void readRest(WorkerRecord worker) {
        BestEffort.attempt("reading the rest of the socket", () -> readRestOfSocket(worker));
        synchronized (crew) {
            worker.disconnected = true;
        }
        vigil.takeLast(worker);
    }

    private void readRestOfSocket(WorkerRecord worker) {
        FrameChannel link = worker.link;
        if (link == null || !link.isOpen()) {
            return;
        }
        try {
            link.readRest(frame -> received(worker, frame));
        } catch (IOException e) {
            LOG.debug("the channel of {} had ended", worker.describe(), e);
        } finally {
            link.close();
        }
    }

    @Override
    public void caughtUp() {
        flush.run();
    }

    /** The item's name for logs; empty when its worker has ended it. */
    private String label(WorkerRecord worker, int id) {
        synchronized (crew) {
            PoolAttempt item = worker.ledger.find(id);
            return item == null ? "" : item.label();
        }
    }

    /** The name of what the worker is probably at. Any thread. */
    String probableLabel(WorkerRecord worker) {
        synchronized (crew) {
            PoolAttempt head = worker.ledger.head();
            return head == null ? "" : head.label() + "?";
        }
    }
}
