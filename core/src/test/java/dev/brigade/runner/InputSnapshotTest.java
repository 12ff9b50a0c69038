package dev.brigade.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Outcome;
import dev.brigade.Outcomes;
import dev.brigade.RetryPolicy;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.TaskContext;
import dev.brigade.TaskFunction;
import dev.brigade.TaskFuture;
import dev.brigade.process.Leftovers;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that objects cross as they were when they were handed over, even if they are changed afterwards. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class InputSnapshotTest {
    private static final int INPUTS = 300;
    private static final RunOptions BOUNDED =
            RunOptions.builder().timeout(Duration.ofSeconds(60)).build();

    private Runner runner = SequentialRunner.of();

    @BeforeAll
    void open() {
        Leftovers.prepare();
        runner = ProcessRunner.of(2);
    }

    @AfterAll
    void close() {
        runner.close();
    }

    /** Returns inputs that are one object, each time with another content. */
    private static <I> Iterable<I> refilled(IntFunction<I> refill) {
        return () -> IntStream.range(0, INPUTS).mapToObj(refill).iterator();
    }

    private static List<Integer> expected() {
        return IntStream.range(0, INPUTS).map(n -> n & 0x7F).boxed().toList();
    }

    private static int sameByteIn(byte[] bytes) {
        for (byte one : bytes) {
            if (one != bytes[0]) {
                return -1;
            }
        }
        return bytes[0];
    }

    /** Small inputs are gathered in the queue of frames, larger ones go from their payload, and the largest in several slices. */
    @ParameterizedTest
    @ValueSource(ints = {1, 8, 8 * 1024, 8 * 1024 + 1, 300_000})
    void aBufferThatItsIteratorRefillsIsAsItWasWhenPulled(int bytes) throws Exception {
        byte[] buffer = new byte[bytes];
        Iterable<byte[]> chunks = refilled(n -> {
            Arrays.fill(buffer, (byte) (n & 0x7F));
            return buffer;
        });
        assertEquals(expected(), runner.map(chunks, chunk -> sameByteIn(chunk), BOUNDED));
    }

    @SuppressWarnings("ArrayRecordComponent") // the point
    private record Chunk(byte[] bytes) implements Serializable {}

    private static final class Holder implements Serializable {
        private static final long serialVersionUID = 1L;
        private int value;
    }

    /** The objects that can be changed and sent, and the places in them that show the change. */
    @SuppressWarnings({"ImmutableEnumChecker", "ArraysAsListPrimitiveArray", "UnnecessaryStringBuilder"}) // the point
    private enum Mutable {
        BOOLEANS(new boolean[7]),
        BYTES(new byte[1]),
        CHARS(new char[1]),
        SHORTS(new short[1]),
        INTS(new int[1]),
        LONGS(new long[1]),
        FLOATS(new float[1]),
        DOUBLES(new double[1]),
        BOXES(new Integer[1]),
        ARRAYS(new byte[1][1]),
        LIST(new ArrayList<>(List.of(0))),
        LIST_OF_BYTES(List.of(new byte[1])),
        ARRAYS_AS_LIST(Arrays.asList(new byte[1])),
        RECORD(new Chunk(new byte[1])),
        FIELD(new Holder()),
        TEXT(new StringBuilder());

        final Object value;

        Mutable(Object value) {
            this.value = value;
        }

        Object set(int n) {
            switch (this) {
                case BOOLEANS -> IntStream.range(0, 7).forEach(bit -> ((boolean[]) value)[bit] = (n >> bit & 1) != 0);
                case LIST -> {
                    ((List<?>) value).clear();
                    addTo(value, n);
                }
                case FIELD -> ((Holder) value).value = n;
                case TEXT -> ((StringBuilder) value).replace(0, 9, "" + n);
                default -> java.lang.reflect.Array.set(array(value), 0, boxed(array(value), n));
            }
            return value;
        }

        @SuppressWarnings("unchecked")
        private static void addTo(Object list, int n) {
            ((List<Integer>) list).add(n);
        }

        private static Object boxed(Object array, int n) {
            Class<?> type = array.getClass().getComponentType();
            return type == byte.class
                    ? (Object) (byte) n
                    : type == char.class ? (Object) (char) n : type == short.class ? (Object) (short) n : (Object) n;
        }

        private static Object array(Object value) {
            if (value instanceof Chunk chunk) {
                return chunk.bytes;
            }
            Object inner = value instanceof List<?> list ? list.get(0) : value;
            return inner instanceof byte[][] arrays ? arrays[0] : inner;
        }

        int get(Object seen) {
            return switch (this) {
                case BOOLEANS ->
                    IntStream.range(0, 7)
                            .map(bit -> ((boolean[]) seen)[bit] ? 1 << bit : 0)
                            .sum();
                case LIST -> (Integer) ((List<?>) seen).get(0);
                case FIELD -> ((Holder) seen).value;
                case TEXT -> Integer.parseInt(seen.toString());
                case CHARS -> ((char[]) seen)[0];
                default -> ((Number) java.lang.reflect.Array.get(array(seen), 0)).intValue();
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    void whateverIsChangedBetweenTwoPullsIsAsItWasWhenPulled(Mutable what) throws Exception {
        Iterable<Object> inputs = refilled(n -> what.set(n & 0x7F));
        assertEquals(expected(), runner.map(inputs, seen -> what.get(seen), BOUNDED));
    }

    @Test
    void anotherAttemptGetsTheInputAsItWasWhenPulled() throws Exception {
        byte[] buffer = new byte[20_000];
        Iterable<byte[]> chunks = refilled(n -> {
            Arrays.fill(buffer, (byte) (n & 0x7F));
            return buffer;
        });
        RunOptions twice =
                BOUNDED.toBuilder().retry(RetryPolicy.ofMaxAttempts(2)).build();
        TaskFunction<byte[], Integer> function = chunk -> {
            if (TaskContext.current().attempt() == 1) {
                throw new IllegalStateException("not the first time");
            }
            return sameByteIn(chunk);
        };
        assertEquals(expected(), runner.map(chunks, function, twice));
    }

    @ParameterizedTest
    @EnumSource
    void whatASubmittedTaskCapturesIsAsItWasAtTheCall(Mutable what) throws Exception {
        List<TaskFuture<Integer>> futures = new ArrayList<>();
        for (int i = 0; i < INPUTS; i++) {
            Object captured = what.set(i & 0x7F);
            futures.add(runner.submit(() -> what.get(captured)));
        }
        List<Integer> seen = new ArrayList<>();
        for (TaskFuture<Integer> future : futures) {
            seen.add(future.get());
        }
        assertEquals(expected(), seen);
    }

    @ParameterizedTest
    @EnumSource
    void whatAFunctionCapturesIsAsItWasAtTheCall(Mutable what) {
        Object captured = what.set(1);
        try (Outcomes<Integer, Integer> outcomes =
                runner.mapOutcomes(List.of(1, 2, 3), n -> what.get(captured), BOUNDED)) {
            what.set(2);
            for (Outcome<Integer, Integer> outcome : outcomes) {
                assertEquals(1, outcome.value(), outcome::toString);
            }
        }
    }

    private static final byte[] SHARED_SMALL = new byte[8];
    private static final byte[] SHARED_LARGE = new byte[300_000];

    /** Small results stay in memory that both processes have mapped until the parent looks; large ones take the socket. */
    @Test
    void aBufferThatBodiesReturnAndRefillIsAsItWasWhenReturned() throws Exception {
        List<Integer> inputs = IntStream.range(0, INPUTS).boxed().toList();
        TaskFunction<Integer, byte[]> function = n -> {
            byte[] shared = n % 3 == 0 ? SHARED_LARGE : SHARED_SMALL;
            Arrays.fill(shared, (byte) (n & 0x7F));
            return shared;
        };
        List<byte[]> results = runner.map(inputs, function, BOUNDED);
        assertEquals(
                expected(), results.stream().map(InputSnapshotTest::sameByteIn).toList());
    }

    @Test
    void noTwoOutcomesShareAnArray() throws Exception {
        byte[] buffer = new byte[8];
        List<byte[]> results = runner.map(refilled(n -> buffer), chunk -> chunk, BOUNDED);
        Set<Integer> identities = new HashSet<>();
        results.forEach(result -> identities.add(System.identityHashCode(result)));
        for (byte[] result : results) {
            assertEquals(0, result[0]);
            result[0] = 1;
        }
        assertEquals(0, buffer[0]);
        assertTrue(identities.size() > INPUTS / 2, identities::toString);
    }

    private static class Animal implements Serializable {
        private static final long serialVersionUID = 1L;
        private final String name;

        Animal(String name) {
            this.name = name;
        }

        String name() {
            return name;
        }
    }

    private static final class Dog extends Animal {
        private static final long serialVersionUID = 1L;

        Dog(String name) {
            super(name);
        }
    }

    private static final class Cat extends Animal {
        private static final long serialVersionUID = 1L;

        Cat(String name) {
            super(name);
        }
    }

    /** The compiler's own reader of lambdas cannot tell the references apart. */
    private static void referencesToOneInheritedMethodAreTwoFunctions(Runner runner) throws Exception {
        List<Dog> dogs = List.of(new Dog("Rex"), new Dog("Max"));
        List<Cat> cats = List.of(new Cat("Tom"), new Cat("Kit"));
        assertEquals(List.of("Rex", "Max"), runner.map(dogs, Animal::name, BOUNDED));
        assertEquals(List.of("Tom", "Kit"), runner.map(cats, Animal::name, BOUNDED));
        assertEquals(List.of("Rex", "Max"), runner.map(dogs, Animal::name, BOUNDED));
        Dog dog = dogs.get(0);
        Cat cat = cats.get(0);
        assertEquals("Rex", runner.submit(dog::name).get());
        assertEquals("Tom", runner.submit(cat::name).get());
    }

    @Test
    void referencesToOneInheritedMethodAreTwoFunctions() throws Exception {
        referencesToOneInheritedMethodAreTwoFunctions(runner);
    }

    @Test
    void strictModeTakesWhatProcessesTake() throws Exception {
        try (Runner strict =
                ThreadRunner.builder().maxConcurrency(2).strict(true).build()) {
            referencesToOneInheritedMethodAreTwoFunctions(strict);
        }
    }

    @Test
    void aByteBufferIsRefusedByName() {
        Iterator<ByteBuffer> one = List.of(ByteBuffer.allocate(8)).iterator();
        try (Outcomes<ByteBuffer, Integer> outcomes = runner.mapOutcomes(() -> one, ByteBuffer::remaining, BOUNDED)) {
            Throwable failure = outcomes.iterator().next().exception();
            assertTrue(String.valueOf(failure).contains("java.nio.HeapByteBuffer cannot be transported"), "" + failure);
        }
    }
}
