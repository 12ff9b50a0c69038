package dev.brigade.engine.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The consumer of a completion queue is woken, and gets everything, in order. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class CompletionQueueTest {
    private static final int ROUNDS = 20_000;

    private final CompletionQueue<Node> queue = new CompletionQueue<>();

    private static final class Node extends CompletionQueue.Node<Node> {}

    /** A lost wake-up would make the consumer wait for ever, since after its patience it waits for one node without limit. */
    @Test
    void losesNoWakeUpHoweverManyNodesItWaitsFor() throws Exception {
        for (int wanted = 1; wanted <= 4; wanted++) {
            int rounds = ROUNDS / wanted;
            Thread one = producer(rounds, 1);
            Thread two = producer(rounds, 2);
            int left = 3 * rounds;
            while (left > 0) {
                queue.await(Math.min(wanted, left));
                left -= taken();
            }
            one.join();
            two.join();
            assertEquals(0, left);
        }
    }

    @Test
    void comesWithOneNodeWhenTheOthersAreLong() throws Exception {
        queue.push(new Node());
        queue.await(2);
        assertEquals(1, taken());
    }

    @Test
    void wakesForSomethingElseThanEnoughNodes() throws Exception {
        queue.push(new Node());
        queue.wake();
        queue.await(Integer.MAX_VALUE);
        assertEquals(1, taken());
    }

    @Test
    void keepsTheOrderOfNodesThatComeTogether() {
        List<Node> nodes = List.of(new Node(), new Node(), new Node());
        queue.push(nodes.get(0));
        nodes.get(2).older = nodes.get(1);
        queue.push(nodes.get(2), nodes.get(1), 2);
        List<Node> taken = new ArrayList<>();
        for (Node node = queue.takeAll(); node != null; node = node.older) {
            taken.add(node);
        }
        assertEquals(nodes, taken);
        assertNull(queue.takeAll());
    }

    private Thread producer(int rounds, int atOnce) {
        Thread thread = new Thread(() -> {
            for (int i = 0; i < rounds; i++) {
                Node oldest = new Node();
                Node newest = atOnce == 1 ? oldest : new Node();
                newest.older = atOnce == 1 ? null : oldest;
                queue.push(newest, oldest, atOnce);
            }
        });
        thread.start();
        return thread;
    }

    private int taken() {
        Node first = queue.takeAll();
        assertNotNull(first, "came back without a node");
        int count = 0;
        for (Node node = first; node != null; node = node.older) {
            count++;
        }
        return count;
    }
}
