package dev.brigade.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.TaskFunction;
import java.io.Serializable;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("serial") // fixtures live for one test
class CodecRoundTripTest {
    private final Codec codec = Codec.of(getClass().getClassLoader());

    private @Nullable Object sent(@Nullable Object value) throws Exception {
        Payload payload = codec.encode(value);
        assertFalse(payload.isFailure());
        assertEquals(payload.bytes().length, payload.size());
        return codec.decode(new Payload(payload.kind(), payload.bytes()));
    }

    private void returnsEqual(Object value) throws Exception {
        Object back = sent(value);
        assertNotNull(back);
        assertSame(value.getClass(), back.getClass());
        assertTrue(Arrays.deepEquals(new Object[] {value}, new Object[] {back}), () -> value + " came back as " + back);
    }

    @Test
    void carriesNull() throws Exception {
        assertNull(sent(null));
        assertEquals(0, codec.encode(null).size());
    }

    @Test
    void carriesTheEdgesOfEveryPrimitive() throws Exception {
        Object[] edges = {
            true,
            false,
            Byte.MIN_VALUE,
            Byte.MAX_VALUE,
            (byte) -1,
            Short.MIN_VALUE,
            Short.MAX_VALUE,
            (short) -1,
            (short) 0x80FF,
            Character.MIN_VALUE,
            Character.MAX_VALUE,
            '\u80FF',
            Integer.MIN_VALUE,
            Integer.MAX_VALUE,
            -1,
            0x8090A0B0,
            Long.MIN_VALUE,
            Long.MAX_VALUE,
            -1L,
            0x80000000L,
            0x8090A0B0C0D0E0F0L,
            Float.MIN_VALUE,
            Float.NaN,
            -0.0f,
            Float.NEGATIVE_INFINITY,
            Double.MIN_VALUE,
            Double.NaN,
            -0.0,
            Double.POSITIVE_INFINITY
        };
        for (Object edge : edges) {
            returnsEqual(edge);
        }
    }

    @Test
    void carriesEveryKindOfString() throws Exception {
        for (String text : new String[] {
            "", "plain", "caf\u00e9 ?", "\u4e2d\u6587", "\uD83D\uDE00", "lone \uD800 half", "\0", "?\u00ff"
        }) {
            returnsEqual(text);
        }
        returnsEqual("x".repeat(1_000_000));
        returnsEqual("\u4e2d".repeat(1_000_000));
    }

    @Test
    void carriesEmptyAndLargePrimitiveArrays() throws Exception {
        for (int length : new int[] {0, 1, 7, 100_003}) {
            Object[] arrays = {
                new byte[length],
                new boolean[length],
                new char[length],
                new short[length],
                new int[length],
                new long[length],
                new float[length],
                new double[length]
            };
            for (Object array : arrays) {
                returnsEqual(array);
            }
        }
    }

    @Test
    void whatIsEncodedSharesNothingWithTheValue() throws Exception {
        byte[] bytes = {1, 2, 3};
        Payload payload = codec.encode(bytes);
        bytes[0] = 9;
        assertArrayEquals(new byte[] {1, 2, 3}, (byte[]) codec.decode(payload));
    }

    /** The sender of a result waits until it is written, so no copy is needed. */
    @Test
    void byteArraysAreNotCopiedAsResults() throws Throwable {
        byte[] bytes = {1, 2, 3};
        Payload payload = codec.encodeResult(bytes);
        assertSame(bytes, payload.bytes());
        assertSame(bytes, codec.decodeReply(payload));
    }

    @Test
    void aDecodedObjectIsACopyEachTime() throws Exception {
        Payload payload = codec.encode(new ArrayList<>(List.of(1)));
        assertNotSame(codec.decode(payload), codec.decode(payload));
    }

    @Test
    void aMessageDoesNotRememberTheOneBefore() throws Exception {
        List<Integer> list = new ArrayList<>(List.of(1));
        Payload before = codec.encode(list);
        list.add(2);
        assertEquals(List.of(1, 2), sent(list));
        assertEquals(List.of(1), codec.decode(before));
    }

    private enum Colour {
        RED,
        GREEN {
            @Override
            public String toString() {
                return "grün";
            }
        }
    }

    private record Point(int x, @Nullable Object label) implements Serializable {}

    private interface Named extends Serializable {
        String name();
    }

    private static final class ConstantHandler implements InvocationHandler, Serializable {
        @Override
        public Object invoke(Object proxy, java.lang.reflect.Method method, Object @Nullable [] arguments) {
            return "constant";
        }
    }

    @Test
    void carriesRecordsEnumsArraysAndClasses() throws Exception {
        returnsEqual(new Point(3, "three"));
        returnsEqual(new Point(3, null));
        assertSame(Colour.RED, sent(Colour.RED));
        assertSame(Colour.GREEN, sent(Colour.GREEN));
        returnsEqual(new Object[] {1, "two", new int[] {3}, null, new Colour[] {Colour.GREEN}});
        returnsEqual(new int[][] {{1}, {}, {2, 3}});
        returnsEqual(new String[] {"a", null, "b"});
        for (Class<?> type : List.of(int.class, void.class, int[][].class, Point[].class, Colour.class)) {
            assertSame(type, sent(type));
        }
    }

    @Test
    void carriesDynamicProxiesOfHiddenInterfaces() throws Exception {
        Named proxy = (Named) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Named.class}, new ConstantHandler());
        Named back = (Named) sent(proxy);
        assertNotNull(back);
        assertEquals("constant", back.name());
    }

    @Test
    void carriesLambdasWithWhatTheyCapture() throws Exception {
        int factor = 6;
        List<String> words = List.of("a", "b");
        TaskFunction<Integer, String> function = n -> words + " " + n * factor;
        @SuppressWarnings("unchecked")
        TaskFunction<Integer, String> back = (TaskFunction<Integer, String>) sent(function);
        assertNotNull(back);
        assertEquals("[a, b] 42", back.apply(7));
    }

    @Test
    void carriesLambdasInLambdasHoweverDeep() throws Exception {
        TaskFunction<Integer, Integer> function = n -> n;
        for (int i = 0; i < 8; i++) {
            TaskFunction<Integer, Integer> inner = function;
            function = n -> inner.apply(n) + 1;
        }
        @SuppressWarnings("unchecked")
        TaskFunction<Integer, Integer> back = (TaskFunction<Integer, Integer>) sent(function);
        assertNotNull(back);
        assertEquals(8, back.apply(0));
    }

    @Test
    void objectsThatALambdaCapturesTwiceStayOne() throws Exception {
        List<Integer> list = new ArrayList<>();
        List<List<Integer>> holder = new ArrayList<>(List.of(list));
        int[] numbers = {1};
        TaskFunction<Integer, Boolean> function = n -> {
            list.add(n);
            return holder.get(0).contains(n) && numbers.length == 1;
        };
        @SuppressWarnings("unchecked")
        TaskFunction<Integer, Boolean> back = (TaskFunction<Integer, Boolean>) sent(function);
        assertNotNull(back);
        assertTrue(back.apply(5));
        assertEquals(List.of(), list);
    }

    @Test
    void carriesEveryPrimitiveThatALambdaCaptures() throws Exception {
        boolean a = true;
        byte b = 1;
        short c = 2;
        char d = 'x';
        int e = 3;
        long f = 4;
        float g = 5;
        double h = 6;
        String none = null;
        TaskFunction<Object, String> function = in -> "" + in + a + b + c + d + e + f + g + h + none;
        @SuppressWarnings("unchecked")
        TaskFunction<Object, String> back = (TaskFunction<Object, String>) sent(function);
        assertNotNull(back);
        assertEquals(function.apply("in"), back.apply("in"));
        @SuppressWarnings("unchecked")
        TaskFunction<String, Integer> reference =
                (TaskFunction<String, Integer>) sent((TaskFunction<String, Integer>) String::length);
        assertNotNull(reference);
        assertEquals(2, reference.apply("ab"));
    }

    @Test
    void carriesTheTypesPeopleUse() throws Exception {
        EnumMap<TimeUnit, String> units = new EnumMap<>(TimeUnit.class);
        units.put(TimeUnit.DAYS, "d");
        for (Object value : new Object[] {
            List.of(),
            List.of(1),
            List.of(1, 2, 3),
            Map.of("k", 1),
            Map.of(),
            Collections.emptyList(),
            Collections.unmodifiableList(List.of(1)),
            Arrays.asList(1, null),
            new TreeMap<>(Map.of("k", 1)),
            new HashMap<>(),
            new HashMap<>(Map.of(1, 2)),
            new HashSet<>(List.of(1)),
            new ConcurrentHashMap<>(Map.of(1, 2)),
            BitSet.valueOf(new long[] {5}),
            new BigDecimal("1.5"),
            Duration.ofSeconds(1),
            Locale.FRENCH,
            units
        }) {
            assertEquals(value, sent(value));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 13, 49, 1000, 30_000})
    void theArrayLimitRefusesNoHonestCollection(int size) throws Exception {
        Map<Integer, Integer> hash = new HashMap<>(16, 0.25f);
        IdentityHashMap<String, Integer> identity = new IdentityHashMap<>();
        PriorityQueue<Integer> heap = new PriorityQueue<>();
        List<Map<Integer, Integer>> nested = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            hash.put(i, 1);
            identity.put("key " + i, 1);
            heap.add(i);
            nested.add(new HashMap<>(Map.of(1, 1)));
        }
        assertEquals(hash, sent(hash));
        assertEquals(nested, sent(nested));
        assertEquals(size, ((Map<?, ?>) java.util.Objects.requireNonNull(sent(identity))).size());
        assertEquals(size, ((PriorityQueue<?>) java.util.Objects.requireNonNull(sent(heap))).size());
        returnsEqual(Collections.nCopies(size, "same").toArray());
        returnsEqual(new Object[size]);
    }

    @Test
    void carriesRandomValues() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < 3_000; i++) {
            Object value = randomValue(random, 4);
            Object back = sent(value);
            int number = i;
            assertTrue(
                    Arrays.deepEquals(new Object[] {value}, new Object[] {back}),
                    () -> "seed " + seed + ", value " + number + ": " + value + " came back as " + back);
        }
    }

    private static @Nullable Object randomValue(Random random, int depth) {
        int choice = random.nextInt(depth == 0 ? 12 : 16);
        return switch (choice) {
            case 0 -> null;
            case 1 -> random.nextBoolean();
            case 2 -> random.nextInt();
            case 3 -> random.nextLong();
            case 4 -> Double.longBitsToDouble(random.nextLong());
            case 5 -> Float.intBitsToFloat(random.nextInt());
            case 6 -> (short) random.nextInt();
            case 7 -> (char) random.nextInt();
            case 8 -> randomString(random);
            case 9 -> random.ints(random.nextInt(40)).toArray();
            case 10 -> random.longs(random.nextInt(40)).toArray();
            case 11 -> randomString(random).toCharArray();
            case 12 -> randomArray(random, depth - 1);
            case 13 -> new ArrayList<>(Arrays.asList(randomArray(new Random(random.nextLong()), 0)));
            case 14 -> new Point(random.nextInt(), randomString(random));
            default -> new HashMap<>(Collections.singletonMap(randomString(random), random.nextInt()));
        };
    }

    private static String randomString(Random random) {
        char[] chars = new char[random.nextInt(30)];
        int bound = random.nextBoolean() ? 0x100 : 0x10000; // half of them with surrogates, whole and broken
        for (int i = 0; i < chars.length; i++) {
            chars[i] = (char) random.nextInt(bound);
        }
        return new String(chars);
    }

    private static @Nullable Object[] randomArray(Random random, int depth) {
        @Nullable Object[] array = new @Nullable Object[random.nextInt(5)];
        for (int i = 0; i < array.length; i++) {
            // arrays inside a list would be compared by identity
            array[i] = depth == 0 ? (Object) random.nextInt() : randomValue(random, depth);
        }
        return array;
    }

    @Test
    void payloadsAreEqualByContentAndTellTheirSize() {
        Payload one = new Payload((byte) 6, new byte[] {1});
        assertEquals(one, new Payload((byte) 6, new byte[] {1}));
        assertEquals(one.hashCode(), new Payload((byte) 6, new byte[] {1}).hashCode());
        assertNotEquals(one, new Payload((byte) 7, new byte[] {1}));
        assertNotEquals(one, new Payload((byte) 6, new byte[] {2}));
        assertEquals("Payload[kind 6, 1 bytes]", one.toString());
        assertTrue(new Payload((byte) 64, new byte[0]).isFailure());
        assertFalse(new Payload((byte) 63, new byte[0]).isFailure());
        assertArrayEquals(new byte[] {1}, one.bytes());
    }
}
