package dev.brigade.faults;

import static dev.brigade.faults.PoolUnderTest.FAILING;
import static dev.brigade.faults.PoolUnderTest.WAIT_SECONDS;
import static dev.brigade.faults.PoolUnderTest.numbers;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Outcome;
import dev.brigade.RemoteTaskException;
import dev.brigade.RunOptions;
import dev.brigade.TaskFunction;
import dev.brigade.WorkerChannel;
import dev.brigade.WorkerLostException;
import dev.brigade.WorkerLostException.Reason;
import dev.brigade.runner.ProcessRunner;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tests of faults on the way to a worker and back: the faulty task fails, and all others go on. The codec's own tests cover damaged bytes,
 * and the class and field that a message names.
 */
@ParameterizedClass
@EnumSource(
        value = WorkerChannel.class,
        names = {"UNIX", "TCP"})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 2 * WAIT_SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class TransferFaultsTest {
    private static final int LARGE_BYTES = 8 << 20;
    private static final int CAP_BYTES = 32 << 20;

    /** Workers have this variable in their environment. */
    private static final boolean IN_PARENT = System.getenv("BRIGADE_WORKER") == null;

    @Parameter
    WorkerChannel channel;

    private PoolUnderTest pool;

    @BeforeParameterizedClassInvocation
    void open() {
        pool = new PoolUnderTest(builder());
    }

    @AfterParameterizedClassInvocation
    void leavesNothing() {
        pool.close();
    }

    private ProcessRunner.Builder builder() {
        return ProcessRunner.builder()
                .workers(2)
                .channel(channel)
                .grace(Duration.ofSeconds(5))
                .maxHeapBytes(256 << 20)
                .maxPayloadBytes(CAP_BYTES);
    }

    /** The faults of an object that is written or read. */
    private enum Fault {
        THROWS,
        EXITS,
        CRASHES,
        OVERFLOWS;

        void act() throws IOException {
            switch (this) {
                case THROWS -> throw new IOException("refuses");
                case EXITS -> System.exit(6);
                case CRASHES -> crash();
                case OVERFLOWS -> FaultActions.overflow(0);
            }
        }

        private static void crash() {
            try {
                FaultActions.crash();
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** An object with a fault that occurs when it is written. */
    private static final class BadToWrite extends Exception {
        private static final long serialVersionUID = 1L;
        private final Fault fault;

        BadToWrite(Fault fault) {
            super("bad to write", null, false, true);
            this.fault = fault;
        }

        private void writeObject(ObjectOutputStream out) throws IOException {
            out.defaultWriteObject();
            fault.act();
        }
    }

    /** An object with a fault that occurs when it is read: in the parent only if {@code inParent}, else in a worker only. */
    private static final class BadToRead extends Exception {
        private static final long serialVersionUID = 1L;
        private final Fault fault;
        private final boolean inParent;

        BadToRead(Fault fault, boolean inParent) {
            super("bad to read", null, false, true);
            this.fault = fault;
            this.inParent = inParent;
        }

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            if (inParent == IN_PARENT) {
                fault.act();
            }
        }
    }

    /** Runs twenty inputs of which one is bad: all others come back, and so do the next hundred. Returns the exception of the bad one. */
    private Throwable badInput(Object bad) throws Exception {
        List<Object> inputs = new ArrayList<>(numbers(20));
        inputs.set(FAILING, bad);
        List<Outcome<Object, Object>> outcomes = pool.outcomes(inputs, input -> input, RunOptions.defaults());
        for (Outcome<Object, Object> outcome : outcomes) {
            if (outcome.index() != FAILING) {
                assertEquals(outcome.input(), outcome.value(), outcome::toString);
            }
        }
        pool.goesOn();
        Outcome<Object, Object> failed = outcomes.get(FAILING);
        assertEquals(Outcome.State.FAILED, failed.state(), failed::toString);
        return failed.exception();
    }

    private WorkerLostException lost(Throwable failure) {
        return assertInstanceOf(WorkerLostException.class, failure);
    }

    private static void assertSays(Throwable failure, String what) {
        assertTrue(("" + failure.getMessage()).contains(what), failure::toString);
    }

    // ---- To the worker

    @Test
    void aTaskThatCannotBeSerializedIsRefusedAtTheCall() throws Exception {
        Object local = new Object();
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> pool.runner.submit(() -> local.hashCode()));
        assertSays(refused, "java.lang.Object");
        BadToWrite bad = new BadToWrite(Fault.THROWS);
        IllegalArgumentException thrown =
                assertThrows(IllegalArgumentException.class, () -> pool.runner.submit(() -> bad.getMessage()));
        assertSays(thrown, "refuses");
        BadToWrite deep = new BadToWrite(Fault.OVERFLOWS);
        assertThrows(IllegalArgumentException.class, () -> pool.runner.submit(() -> deep.getMessage()));
        pool.goesOn();
    }

    @Test
    void anInputThatCannotBeSerializedFailsAlone() throws Exception {
        assertSays(badInput(new Object()), "java.lang.Object");
        assertSays(badInput(new BadToWrite(Fault.THROWS)), "refuses");
        assertSays(badInput(new BadToWrite(Fault.OVERFLOWS)), "BadToWrite");
    }

    @Test
    void anInputThatFailsWhileItIsReadFailsAlone() throws Exception {
        assertSays(badInput(new BadToRead(Fault.THROWS, false)), "refuses");
        assertSays(badInput(new BadToRead(Fault.OVERFLOWS, false)), "BadToRead");
    }

    @Test
    void anInputThatEndsItsReaderFailsAlone() throws Exception {
        assertEquals(
                6, lost(badInput(new BadToRead(Fault.EXITS, false))).exitCode().orElseThrow());
        WorkerLostException crashed = lost(badInput(new BadToRead(Fault.CRASHES, false)));
        assertEquals(Reason.SIGNALLED, crashed.reason(), crashed::getMessage);
    }

    /** The original of the classes that {@link Altering} makes, with another name or serialVersionUID, and that no file holds. */
    static class Present1 implements Serializable {
        private static final long serialVersionUID = 0x0123456789ABCDEFL;
    }

    /** Makes classes from the altered bytes of {@link Present1}; all other classes come from this test's loader. */
    private static final class Altering extends ClassLoader {
        private final byte[] bytes;

        Altering(byte[] from, byte[] to) throws IOException {
            super(TransferFaultsTest.class.getClassLoader());
            try (InputStream in = Present1.class.getResourceAsStream("TransferFaultsTest$Present1.class")) {
                bytes = in.readAllBytes();
            }
            int changes = 0;
            for (int at = 0; at + from.length <= bytes.length; at++) {
                if (Arrays.equals(bytes, at, at + from.length, from, 0, from.length)) {
                    System.arraycopy(to, 0, bytes, at, to.length);
                    changes++;
                }
            }
            assertTrue(changes > 0, "there is nothing to alter");
        }

        Object make() throws ReflectiveOperationException {
            var constructor = defineClass(null, bytes, 0, bytes.length).getDeclaredConstructor();
            constructor.setAccessible(true);
            return constructor.newInstance();
        }
    }

    @Test
    void anInputWhoseClassTheWorkerLacksNamesIt() throws Exception {
        byte[] from = "Present1".getBytes(StandardCharsets.US_ASCII);
        byte[] to = "Missing1".getBytes(StandardCharsets.US_ASCII);
        assertSays(
                badInput(new Altering(from, to).make()),
                "class not found: " + getClass().getName() + "$Missing1");
    }

    @Test
    void anInputWhoseClassTheWorkerHasInAnotherVersionSaysSo() throws Exception {
        byte[] from = ByteBuffer.allocate(8).putLong(0x0123456789ABCDEFL).array();
        byte[] to = ByteBuffer.allocate(8).putLong(0x0123456789ABCDEEL).array();
        assertSays(badInput(new Altering(from, to).make()), "TransferFaultsTest$Present1");
    }

    // ---- Back from the worker

    @Test
    void aResultThatCannotBeWrittenFailsItsTaskAlone() throws Exception {
        assertSays(assertInstanceOf(RemoteTaskException.class, pool.failure(Object::new)), "java.lang.Object");
        assertSays(
                assertInstanceOf(RemoteTaskException.class, pool.failure(() -> new BadToWrite(Fault.THROWS))),
                "refuses");
        assertInstanceOf(RemoteTaskException.class, pool.failure(() -> new BadToWrite(Fault.OVERFLOWS)));
    }

    @Test
    void aResultThatEndsItsWriterFailsItsTaskAlone() throws Exception {
        assertEquals(6, pool.lost(() -> new BadToWrite(Fault.EXITS)).exitCode().orElseThrow());
        WorkerLostException crashed = pool.lost(() -> new BadToWrite(Fault.CRASHES));
        assertEquals(Reason.SIGNALLED, crashed.reason(), crashed::getMessage);
    }

    @Test
    void aResultThatCannotBeReadHereFailsItsTaskAlone() throws Exception {
        assertSays(
                assertInstanceOf(RemoteTaskException.class, pool.failure(() -> new BadToRead(Fault.THROWS, true))),
                "refuses");
        assertInstanceOf(RemoteTaskException.class, pool.failure(() -> new BadToRead(Fault.OVERFLOWS, true)));
    }

    @Test
    void anExceptionThatCannotBeWrittenIsDescribed() throws Exception {
        for (Fault fault : new Fault[] {Fault.THROWS, Fault.OVERFLOWS}) {
            Throwable failure = pool.failure(() -> {
                throw new BadToWrite(fault);
            });
            RemoteTaskException described = assertInstanceOf(RemoteTaskException.class, failure);
            assertEquals(BadToWrite.class.getName(), described.originalClassName());
            assertSays(described, "bad to write");
        }
        WorkerLostException exited = pool.lost(() -> {
            throw new BadToWrite(Fault.EXITS);
        });
        assertEquals(6, exited.exitCode().orElseThrow(), exited::getMessage);
    }

    @Test
    void anExceptionThatCannotBeReadHereIsDescribed() throws Exception {
        for (Fault fault : new Fault[] {Fault.THROWS, Fault.OVERFLOWS}) {
            Throwable failure = pool.failure(() -> {
                throw new BadToRead(fault, true);
            });
            RemoteTaskException described = assertInstanceOf(RemoteTaskException.class, failure);
            assertEquals(BadToRead.class.getName(), described.originalClassName());
            assertSays(described, "bad to read");
        }
    }

    @Test
    void causesThatMakeACircleAndSuppressedOnesArriveAsTheyAre() throws Exception {
        Throwable failure = pool.failure(() -> {
            IllegalStateException one = new IllegalStateException("one");
            IOException two = new IOException("two", one);
            one.initCause(two);
            one.addSuppressed(new ArithmeticException("three"));
            throw one;
        });
        assertEquals(
                "one", assertInstanceOf(IllegalStateException.class, failure).getMessage());
        assertEquals("two", failure.getCause().getMessage());
        assertSame(failure, failure.getCause().getCause());
        assertEquals("three", failure.getSuppressed()[0].getMessage());
    }

    @Test
    void aHugeMessageIsCut() throws Exception {
        Throwable failure = pool.failure(() -> {
            throw new IOException("huge ".repeat(LARGE_BYTES / 4));
        });
        assertSays(failure, "huge huge");
        assertTrue(
                failure.getMessage().length() < 1 << 20,
                () -> failure.getMessage().length() + " characters");
    }

    // ---- Odd cases that are no faults

    private record Pair(int one, String two) implements Serializable {}

    private enum Colour {
        RED,
        GREEN {
            @Override
            int number() {
                return 2;
            }
        };

        int number() {
            return 1;
        }
    }

    private final class Inner implements TaskFunction<Integer, Integer> {
        private static final long serialVersionUID = 1L;

        @Override
        public Integer apply(Integer n) {
            return n + channel.name().length();
        }
    }

    @Test
    void nullsRecordsEnumsAndNothingGoThere() throws Exception {
        List<Object> inputs = new ArrayList<>(
                Arrays.asList(null, new Pair(1, "x"), Colour.RED, Colour.GREEN, "", new byte[0], List.of()));
        List<Object> back = pool.runner.map(inputs, input -> input);
        assertArrayEquals((byte[]) inputs.remove(5), (byte[]) back.remove(5));
        assertEquals(inputs, back);
        assertSame(Colour.GREEN, back.get(3));
        assertEquals(2, pool.get(() -> Colour.GREEN.number()));
        pool.goesOn();
    }

    @Test
    void classesOfAllKindsAreTasksIfWhatTheyHoldCanBeSerialized() throws Exception {
        int captured = 5;
        TaskFunction<Integer, Integer> anonymous = anonymous(captured);
        assertEquals(List.of(6, 7), pool.runner.map(List.of(1, 2), anonymous));
        assertEquals(List.of(6, 7), pool.runner.map(List.of(1, 2), local(captured)));
        // An inner class holds this test, which is not serializable, and so does a lambda that uses a field.
        assertThrows(IllegalArgumentException.class, () -> pool.runner.map(List.of(1), new Inner()));
        assertThrows(
                IllegalArgumentException.class,
                () -> pool.runner.submit(() -> channel.name().length()));
        assertEquals(List.of(6), pool.runner.map(List.of(1), new Adder(captured)));
        pool.goesOn();
    }

    private record Adder(int plus) implements TaskFunction<Integer, Integer> {
        @Override
        public Integer apply(Integer n) {
            return n + plus;
        }
    }

    private static TaskFunction<Integer, Integer> local(int plus) {
        final class Local implements TaskFunction<Integer, Integer> {
            private static final long serialVersionUID = 1L;

            @Override
            public Integer apply(Integer n) {
                return n + plus;
            }
        }
        return new Local();
    }

    /** Static, so that the anonymous class holds no outer instance. */
    private static TaskFunction<Integer, Integer> anonymous(int plus) {
        return new TaskFunction<>() {
            private static final long serialVersionUID = 1L;

            @Override
            public Integer apply(Integer n) {
                return n + plus;
            }
        };
    }

    // ---- Sizes

    @Test
    void payloadsLargerThanAnySocketsBufferArriveWhole() throws Exception {
        byte[] large = new byte[LARGE_BYTES];
        Arrays.fill(large, (byte) 7);
        large[LARGE_BYTES - 1] = 8;
        assertArrayEquals(large, pool.runner.map(List.of(large), bytes -> bytes).get(0));
        pool.goesOn();
    }

    @Test
    void manyLargeResultsAtOnceArriveWhole() throws Exception {
        List<byte[]> all = pool.runner.map(
                numbers(12),
                n -> {
                    byte[] bytes = new byte[LARGE_BYTES];
                    Arrays.fill(bytes, n.byteValue());
                    return bytes;
                },
                RunOptions.builder().timeout(PoolUnderTest.WAIT).build());
        for (int n = 0; n < all.size(); n++) {
            byte[] bytes = all.get(n);
            assertEquals(LARGE_BYTES, bytes.length);
            assertTrue(bytes[0] == n && bytes[LARGE_BYTES - 1] == n);
        }
        pool.goesOn();
    }

    @Test
    void whatIsOverTheCapFailsAloneInBothDirections() throws Exception {
        String limit = "over the limit of " + CAP_BYTES + " bytes (maxPayloadBytes)";
        assertSays(badInput(new byte[CAP_BYTES + 1]), "the input takes " + (CAP_BYTES + 1) + " bytes, " + limit);
        assertSays(
                pool.failure(() -> new byte[CAP_BYTES + 1]),
                "the result takes " + (CAP_BYTES + 1) + " bytes, " + limit);
        byte[] large = new byte[CAP_BYTES + 1];
        assertSays(
                assertThrows(IllegalArgumentException.class, () -> pool.runner.submit(() -> large.length)),
                "the function takes");
        pool.goesOn();
    }

    @Test
    void aResultThatTheParentHasNoMemoryForFailsItsTaskAlone(@TempDir Path directory) throws Exception {
        new ParentJvm(directory).run(ParentAtALimit.class, "heap", channel.name());
    }

    /** Each link holds the next one. A chain is so long that writing it takes more stack than there is. */
    private static final class Link implements Serializable {
        private static final long serialVersionUID = 1L;

        @SuppressWarnings("UnusedVariable") // serialization reads it
        private final Link next;

        Link(Link next) {
            this.next = next;
        }

        static Link chain(int length) {
            Link first = null;
            for (int i = 0; i < length; i++) {
                first = new Link(first);
            }
            return first;
        }
    }

    @Test
    void objectsNestedTooDeeplyFailAloneInBothDirections() throws Exception {
        assertSays(badInput(Link.chain(200_000)), "nested");
        assertSays(pool.failure(() -> Link.chain(200_000)), "nested");
    }

    // ---- Filters

    /** An object that hostile bytes would make here; it must not even be deserialized. */
    private static final class Gadget implements Serializable {
        private static final long serialVersionUID = 1L;
        private static boolean made;

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            made = true;
        }
    }

    @Test
    void whatTheFilterOfResultsRefusesIsNotMadeHere() throws Exception {
        ObjectInputFilter filter = ObjectInputFilter.Config.createFilter("!" + Gadget.class.getName());
        pool.bothWorkers();
        try (PoolUnderTest filtered = new PoolUnderTest(builder().resultFilter(filter))) {
            RemoteTaskException refused = assertInstanceOf(RemoteTaskException.class, filtered.failure(Gadget::new));
            assertSays(refused, "Gadget");
            assertFalse(Gadget.made);
        }
    }

    @Test
    void whatTheFilterOfInputsRefusesIsNotMadeInAWorker() throws Exception {
        pool.bothWorkers();
        try (PoolUnderTest filtered = new PoolUnderTest(builder().inputFilter("!" + Gadget.class.getName()))) {
            List<Object> inputs = List.of(1, new Gadget(), 2);
            List<Outcome<Object, Boolean>> outcomes =
                    filtered.outcomes(inputs, input -> Gadget.made, RunOptions.defaults());
            assertSays(outcomes.get(1).exception(), "Gadget");
            assertEquals(false, outcomes.get(0).value());
            assertEquals(false, outcomes.get(2).value());
            filtered.goesOn();
        }
    }
}
