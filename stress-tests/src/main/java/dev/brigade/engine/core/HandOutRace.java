package dev.brigade.engine.core;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.brigade.engine.state.CompletionQueue;
import dev.brigade.stress.MustObserve;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * Results come from many threads and go to one consumer. Does each arrive exactly once?
 *
 * Producers push onto a stack with one compare-and-set on its head, and the consumer takes the whole stack with one
 * exchange: a node belongs to the queue from the one to the other. If the head is read and written in two steps, a push
 * that came between is overwritten, and its result never arrives. Ready tasks go the other way: each thread takes the next
 * index of a run.
 *
 * <p>From one run of all the tests with these options, without its bars, while other programs used both processors:
 *
 * <pre>
 * $ java -jar stress-tests/target/stress-tests.jar run --form smoke --test HandOutRace -- -iters 5 -time 200 -pth false
 * JDK 25.0.3, 2 processors, AMD EPYC, smoke form, 378 s, 2026-11-22T11:26:03Z
 *
 * ok     HandOutRace.ActualClaim, race seen in 0 of 1 configuration
 *   false, true       22,155   38.16 %  acceptable: two has it
 *   true, false       35,905   61.84 %  acceptable: one has it
 * ok     HandOutRace.ActualConsumer, race seen in 0 of 1 configuration
 *   0, 2       90,831   55.97 %  acceptable: taken before
 *   1, 1          273    0.17 %  acceptable: taken between
 *   2, 0       71,172   43.86 %  acceptable: taken after
 * ok     HandOutRace.ActualProducers, race seen in 0 of 1 configuration
 *   2      118,579  100.00 %  acceptable: both arrive
 * ok     HandOutRace.Racy, race seen in 1 of 1 configuration
 *   1          695    0.48 %  interesting: a result is lost
 *   2      145,453   99.52 %  acceptable: both arrive
 * </pre>
 */
public final class HandOutRace {
    private HandOutRace() {}

    /** The twin: the head is read, then written. */
    @JCStressTest
    @State
    @MustObserve("1")
    @Outcome(id = "2", expect = ACCEPTABLE, desc = "both arrive")
    @Outcome(id = "1", expect = ACCEPTABLE_INTERESTING, desc = "a result is lost")
    @Outcome(expect = FORBIDDEN, desc = "no interleaving gives this")
    public static class Racy {
        private volatile Link head;

        @Actor
        public void one() {
            head = new Link(head);
        }

        @Actor
        public void two() {
            head = new Link(head);
        }

        @Arbiter
        public void after(I_Result result) {
            for (Link link = head; link != null; link = link.older) {
                result.r1++;
            }
        }

        private record Link(Link older) {}
    }

    /** The shipped queue, two producers. */
    @JCStressTest
    @State
    @Outcome(id = "2", expect = ACCEPTABLE, desc = "both arrive")
    @Outcome(expect = FORBIDDEN, desc = "lost or doubled")
    public static class ActualProducers {
        private final CompletionQueue<Result> queue = new CompletionQueue<>();

        @Actor
        public void one() {
            queue.push(new Result());
        }

        @Actor
        public void two() {
            queue.push(new Result());
        }

        @Arbiter
        public void after(I_Result result) {
            result.r1 = Result.count(queue.takeAll());
        }
    }

    /** The shipped queue, a producer of two and the consumer: what it took, and what was left. */
    @JCStressTest
    @State
    @Outcome(id = "0, 2", expect = ACCEPTABLE, desc = "taken before")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "taken between")
    @Outcome(id = "2, 0", expect = ACCEPTABLE, desc = "taken after")
    @Outcome(expect = FORBIDDEN, desc = "lost or doubled")
    public static class ActualConsumer {
        private final CompletionQueue<Result> queue = new CompletionQueue<>();

        @Actor
        public void produce() {
            queue.push(new Result());
            queue.push(new Result());
        }

        @Actor
        public void consume(II_Result result) {
            result.r1 = Result.count(queue.takeAll());
        }

        @Arbiter
        public void after(II_Result result) {
            result.r2 = Result.count(queue.takeAll());
        }
    }

    /** The shipped queue, a producer of two that come together and one of one. */
    @JCStressTest
    @State
    @Outcome(id = "3", expect = ACCEPTABLE, desc = "all arrive")
    @Outcome(expect = FORBIDDEN, desc = "lost or doubled")
    public static class ActualTogether {
        private final CompletionQueue<Result> queue = new CompletionQueue<>();

        @Actor
        public void two() {
            Result oldest = new Result();
            Result newest = new Result();
            newest.older = oldest;
            queue.push(newest, oldest, 2);
        }

        @Actor
        public void one() {
            queue.push(new Result());
        }

        @Arbiter
        public void after(I_Result result) {
            result.r1 = Result.count(queue.takeAll());
        }
    }

    /** The shipped queue of ready tasks: two threads take the next of one run. */
    @JCStressTest
    @State
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "each has one, and none is left")
    @Outcome(expect = FORBIDDEN, desc = "run twice, or not at all")
    public static class ActualRun {
        private final ReadyQueue<Void, String> ready = new ReadyQueue<>();
        private final BatchRun<Void, String> batch = EngineFixture.quick().call();

        public ActualRun() {
            ready.add(new ArrayList<>(List.of(new EngineTask<>(batch, 0, null), new EngineTask<>(batch, 1, null))));
        }

        @Actor
        public void one(ZZ_Result result) {
            result.r1 = ready.claim(null, true) != null;
        }

        @Actor
        public void two(ZZ_Result result) {
            result.r2 = ready.claim(null, true) != null;
        }

        @Arbiter
        public void after(ZZ_Result result) {
            result.r1 &= ready.isEmpty();
        }
    }

    /** The shipped task: two threads, a helping body and the dispatcher say, claim it for its next attempt. */
    @JCStressTest
    @State
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "one has it")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "two has it")
    @Outcome(expect = FORBIDDEN, desc = "run twice, or not at all")
    public static class ActualClaim {
        private final EngineTask<Void, String> task =
                new EngineTask<>(EngineFixture.quick().call(), 0, null);

        @Actor
        public void one(ZZ_Result result) {
            result.r1 = task.claim(null, true) != null;
        }

        @Actor
        public void two(ZZ_Result result) {
            result.r2 = task.claim(null, true) != null;
        }
    }

    /** A node that carries nothing. */
    private static final class Result extends CompletionQueue.Node<Result> {
        static int count(Result first) {
            int count = 0;
            for (Result node = first; node != null; node = node.older) {
                count++;
            }
            return count;
        }
    }
}
