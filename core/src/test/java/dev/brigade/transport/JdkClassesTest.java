package dev.brigade.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ObjectInputFilter;
import java.io.Serializable;
import java.lang.reflect.Constructor;
import java.lang.reflect.Modifier;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.*;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests that everything that the JDK's own classes write is read: the limits for hostile bytes refuse none of it. */
@SuppressWarnings({
    "serial",
    "unchecked",
    "rawtypes",
    "JdkObsolete",
    "JavaUtilDate",
    "IdentityHashMapBoxing",
    "UnnecessaryStringBuilder"
}) // the test makes many kinds of JDK objects
class JdkClassesTest {
    private static final int[] SIZES = {0, 1, 2, 3, 12, 13, 64, 65, 1000, 1023, 1024, 1025, 20_000};
    private static final int LARGE = 1 << 20;

    private final Codec codec = Codec.of(getClass().getClassLoader());

    private Object sent(Object value) {
        return Objects.requireNonNull(codec.decode(codec.encode(value)));
    }

    /** A kind of collection: a maker of an empty one, and a function that wraps a filled one. */
    private record Kind(String name, Supplier<Object> make, Function<Object, Object> wrap) {
        @Override
        public String toString() {
            return name;
        }

        Object of(int size) {
            Object made = make.get();
            for (int i = 0; i < size; i++) {
                if (made instanceof Map map) {
                    map.put(i, i);
                } else {
                    ((Collection) made).add(i);
                }
            }
            return wrap.apply(made);
        }
    }

    private static Kind kind(String name, Supplier<Object> make) {
        return new Kind(name, make, made -> made);
    }

    private static <T> Kind wrapped(String name, Supplier<Object> make, Function<T, Object> wrap) {
        return new Kind(name, make, made -> wrap.apply((T) made));
    }

    /** Returns all public, serializable collections and maps of java.util and java.util.concurrent, once for each usable constructor. */
    private static Stream<Kind> plain() throws Exception {
        List<Kind> kinds = new ArrayList<>();
        for (String where : List.of("java/util", "java/util/concurrent")) {
            Path directory =
                    FileSystems.getFileSystem(java.net.URI.create("jrt:/")).getPath("modules/java.base", where);
            try (Stream<Path> files = Files.list(directory)) {
                for (Path file :
                        files.filter(one -> one.toString().endsWith(".class")).toList()) {
                    String name = file.getFileName().toString().replace(".class", "");
                    Class<?> type = Class.forName(where.replace('/', '.') + "." + name, false, null);
                    boolean container = Collection.class.isAssignableFrom(type) || Map.class.isAssignableFrom(type);
                    if (container
                            && Serializable.class.isAssignableFrom(type)
                            && Modifier.isPublic(type.getModifiers())
                            && !Modifier.isAbstract(type.getModifiers())
                            && type != SynchronousQueue.class) {
                        kinds.addAll(constructed(type));
                    }
                }
            }
        }
        assertTrue(kinds.size() > 25, kinds::toString);
        return kinds.stream();
    }

    /** Returns a kind for each constructor that takes a capacity, a capacity and a load factor, or nothing. */
    private static List<Kind> constructed(Class<?> type) {
        List<Kind> kinds = new ArrayList<>();
        for (Constructor<?> constructor : type.getConstructors()) {
            for (Object[] arguments : arguments(constructor.getParameterTypes())) {
                kinds.add(kind(type.getSimpleName() + Arrays.toString(arguments), () -> {
                    try {
                        return constructor.newInstance(arguments);
                    } catch (ReflectiveOperationException e) {
                        throw new IllegalStateException(e);
                    }
                }));
            }
        }
        return kinds;
    }

    private static List<Object[]> arguments(Class<?>... types) {
        if (types.length == 0) {
            return List.<Object[]>of(new Object[0]);
        }
        if (Arrays.equals(types, new Class<?>[] {int.class})) {
            return List.of(new Object[] {20_000}, new Object[] {LARGE});
        }
        if (Arrays.equals(types, new Class<?>[] {int.class, float.class})) {
            return List.of(
                    new Object[] {1, 0.01f}, new Object[] {LARGE, 0.01f}, new Object[] {LARGE, 0.75f}, new Object[] {
                        1, 100f
                    });
        }
        return List.of();
    }

    private static Stream<Kind> wrappers() {
        Supplier<Object> list = ArrayList::new;
        Supplier<Object> set = HashSet::new;
        Supplier<Object> map = HashMap::new;
        return Stream.of(
                wrapped("List.copyOf", list, (List<?> made) -> List.copyOf(made)),
                wrapped("Set.copyOf", set, (Set<?> made) -> Set.copyOf(made)),
                wrapped("Map.copyOf", map, (Map<?, ?> made) -> Map.copyOf(made)),
                wrapped("Stream.toList", list, (List<?> made) -> made.stream().toList()),
                wrapped("Arrays.asList", list, (List<?> made) -> Arrays.asList(made.toArray())),
                wrapped("unmodifiableList", list, (List<?> made) -> Collections.unmodifiableList(made)),
                wrapped(
                        "unmodifiableList of linked",
                        LinkedList::new,
                        (List<?> made) -> Collections.unmodifiableList(made)),
                wrapped("unmodifiableSet", set, (Set<?> made) -> Collections.unmodifiableSet(made)),
                wrapped("unmodifiableMap", map, (Map<?, ?> made) -> Collections.unmodifiableMap(made)),
                wrapped("unmodifiableCollection", list, (List<?> made) -> Collections.unmodifiableCollection(made)),
                wrapped("synchronizedList", list, (List<?> made) -> Collections.synchronizedList(made)),
                wrapped("synchronizedMap", map, (Map<?, ?> made) -> Collections.synchronizedMap(made)),
                wrapped("checkedList", list, (List<Integer> made) -> Collections.checkedList(made, Integer.class)),
                wrapped("newSetFromMap", map, (Map<Integer, Integer> made) -> {
                    Set<Integer> back = Collections.newSetFromMap(new IdentityHashMap<>());
                    back.addAll(made.keySet());
                    return back;
                }),
                wrapped("asLifoQueue", ArrayDeque::new, (Deque<?> made) -> Collections.asLifoQueue(made)),
                wrapped("array", list, (List<?> made) -> made.toArray()),
                wrapped("array of nulls", list, (List<?> made) -> new Object[made.size()]),
                wrapped("keySetView", ConcurrentHashMap::new, (ConcurrentHashMap<?, ?> made) -> made.keySet()),
                wrapped("nCopies", list, (List<?> made) -> Collections.nCopies(made.size(), 0.0)),
                wrapped(
                        "nCopies of nCopies",
                        list,
                        (List<?> made) -> Collections.nCopies(made.size(), Collections.nCopies(made.size(), null))),
                wrapped("BitSet", list, (List<?> made) -> {
                    BitSet bits = new BitSet(LARGE);
                    bits.set(0, made.size());
                    return bits;
                }),
                wrapped("BigInteger", list, (List<?> made) -> BigInteger.ONE.shiftLeft(made.size())),
                wrapped(
                        "StringBuilder",
                        list,
                        (List<?> made) -> new StringBuilder(LARGE).append("x".repeat(made.size()))),
                wrapped(
                        "StringBuffer",
                        list,
                        (List<?> made) -> new StringBuffer(LARGE).append("x".repeat(made.size()))),
                wrapped("AtomicIntegerArray", list, (List<?> made) -> new AtomicIntegerArray(made.size())),
                wrapped("AtomicReferenceArray", list, (List<?> made) -> new AtomicReferenceArray<>(made.size())));
    }

    private static Stream<Kind> all() throws Exception {
        return Stream.concat(plain(), wrappers());
    }

    @ParameterizedTest
    @MethodSource("all")
    void collectionsOfAllSizesAreRead(Kind kind) {
        for (int size : SIZES) {
            if (size > 1024 && kind.name().startsWith("CopyOnWriteArraySet")) {
                continue; // each addition searches the whole set
            }
            Object value = kind.of(size);
            assertSameContent(value, sent(value));
        }
    }

    /** A message of many collections is bounded as a whole. */
    @ParameterizedTest
    @MethodSource("all")
    void manySmallCollectionsInOneMessageAreRead(Kind kind) {
        if (kind.name().contains("" + LARGE)
                || kind.name().contains("20000")
                || kind.name().startsWith("String")) {
            return; // each takes megabytes here already
        }
        for (int size : new int[] {0, 1, 2}) {
            List<Object> values = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                values.add(kind.of(size));
            }
            List<?> back = (List<?>) sent(values);
            for (int i = 0; i < values.size(); i++) {
                assertSameContent(values.get(i), back.get(i));
            }
        }
    }

    private static void assertSameContent(Object value, Object back) {
        assertSame(value.getClass(), back.getClass());
        Object there = comparable(value);
        Object here = comparable(back);
        assertTrue(there.equals(here), () -> value.getClass() + " of " + sizeOf(value) + " came back otherwise");
    }

    private static Object comparable(Object value) {
        if (value instanceof Object[] array) {
            return Arrays.asList(array);
        }
        if (value instanceof Collection<?> all && sizeOf(all) > LARGE) {
            return all.size();
        }
        if (value instanceof Set<?> || value instanceof Map<?, ?>) {
            return value instanceof Map<?, ?> map ? new TreeMap<>(map) : new TreeSet<>((Set<?>) value);
        }
        if (value instanceof Collection<?> all) {
            return Arrays.asList(all.toArray());
        }
        return value instanceof BitSet || value instanceof Number ? value : value.toString();
    }

    private static int sizeOf(Object value) {
        return value instanceof Collection<?> all ? all.size() : -1;
    }

    @Test
    void aListOfAMillionCopiesIsRead() {
        List<?> copies = (List<?>) sent(Collections.nCopies(1_000_000, "same"));
        assertEquals(1_000_000, copies.size());
        assertEquals("same", copies.get(999_999));
        assertEquals(Integer.MAX_VALUE, ((List<?>) sent(Collections.nCopies(Integer.MAX_VALUE, 1))).size());
    }

    /** Copies are not counted, and do not use up the allowance of the objects beside them either. */
    @Test
    void copiesTakeNothingFromWhatIsBesideThem() {
        List<Object> all = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            all.add(Collections.nCopies(100_000, i));
            all.add(new HashMap<>(Map.of(i, i)));
            all.add(new int[i]);
        }
        assertEquals(all.get(3 * 7 + 1), ((List<?>) sent(all)).get(3 * 7 + 1));
    }

    /** An array beside copies still counts as an array. */
    @Test
    void anArrayIsRefusedThoughThereAreCopiesInTheMessage() {
        Object copies = Collections.nCopies(1_000_000, "x");
        for (Object other : new Object[] {new long[] {7, 8, 9}, new ArrayList<>(List.of("1", "2", "3"))}) {
            Payload payload = codec.encode(new Object[] {copies, other});
            String bytes = new String(payload.bytes(), StandardCharsets.ISO_8859_1);
            byte[] hostile = payload.bytes().clone();
            System.arraycopy(
                    new byte[] {0x7f, (byte) 0xff, (byte) 0xff, (byte) 0xf0}, 0, hostile, sizeAt(bytes, other), 4);
            UntransportableException refused = assertThrows(
                    UntransportableException.class, () -> codec.decode(new Payload(payload.kind(), hostile)));
            assertTrue(
                    String.valueOf(refused.getMessage()).contains("more than the message can hold"), refused::toString);
        }
    }

    /** The object that copies hold is read, and limited, while they are read. */
    @Test
    void anArrayIsRefusedThoughCopiesHoldIt() {
        byte[] tooMany = {0, 0, 0x40, 0}; // more than the message may hold, and harmless if it were made
        for (Object other : new Object[] {
            new long[] {7, 8, 9}, new Object[] {"1", "2", "3"}, new ArrayList<>(List.of("1", "2", "3"))
        }) {
            for (Object held : new Object[] {other, new ArrayList<>(List.of(other)), Collections.nCopies(2, other)}) {
                Payload payload = codec.encode(Collections.nCopies(1, held));
                byte[] hostile = payload.bytes().clone();
                String bytes = new String(hostile, StandardCharsets.ISO_8859_1);
                System.arraycopy(tooMany, 0, hostile, sizeAt(bytes, other), tooMany.length);
                UntransportableException refused = assertThrows(
                        UntransportableException.class, () -> codec.decode(new Payload(payload.kind(), hostile)));
                assertTrue(
                        String.valueOf(refused.getMessage())
                                .contains("refused: an array of 16384 elements, more than the message can hold"),
                        refused::toString);
            }
        }
    }

    /** Few copies are counted like an array, and their own bytes cover that count. */
    @Test
    void manyListsOfFewCopiesTakeNothingFromWhatIsBesideThem() {
        for (int count : new int[] {1, 63, 64, 65, 1000}) {
            List<Object> all = new ArrayList<>();
            for (int i = 0; i < 2_000; i++) {
                all.add(Collections.nCopies(count, null));
            }
            all.add(new HashMap<>(Map.of(1, 1)));
            all.add(new int[1000]);
            assertEquals(all.get(2_000), ((List<?>) sent(all)).get(2_000));
        }
    }

    /** Returns the position of the object's size. A list writes its size first, and then a number that it ignores. */
    private static int sizeAt(String bytes, Object other) {
        return other instanceof List
                ? bytes.indexOf("\0\0\0\3", bytes.indexOf("ArrayList"))
                : bytes.lastIndexOf("\0\0\0\3");
    }

    @Test
    void aFilterOfTheUsersMayStillRefuseCopies() {
        ObjectInputFilter filter = ObjectInputFilter.Config.createFilter("maxarray=1000");
        Codec limited = Codec.of(getClass().getClassLoader(), filter);
        assertThrows(
                UntransportableException.class,
                () -> limited.decode(limited.encode(Collections.nCopies(1_000_000, "x"))));
    }

    private enum Colour {
        RED
    }

    @Test
    void otherClassesPeopleSendAreRead() throws Exception {
        Object[] values = {
            java.time.Duration.ofDays(1),
            java.time.Instant.EPOCH,
            java.time.LocalDate.EPOCH,
            java.time.ZonedDateTime.now(java.time.ZoneOffset.UTC),
            java.time.Period.ofDays(1),
            java.time.ZoneId.of("Europe/Paris"),
            java.time.Year.of(2000),
            UUID.randomUUID(),
            Locale.FRENCH,
            Currency.getInstance("EUR"),
            new Date(0),
            TimeZone.getTimeZone("UTC"),
            Calendar.getInstance(),
            java.net.URI.create("http://a/b"),
            new java.net.URL("http://a/b"),
            new java.io.File("x"),
            java.net.InetAddress.getLoopbackAddress(),
            new java.net.InetSocketAddress(java.net.InetAddress.getLoopbackAddress(), 1),
            new java.math.BigDecimal("1.5e1000"),
            EnumSet.noneOf(Colour.class),
            EnumSet.allOf(Colour.class),
            new EnumMap<>(Map.of(Colour.RED, 1)),
            new AbstractMap.SimpleEntry<>(1, 2),
            new AbstractMap.SimpleImmutableEntry<>(1, 2),
            java.text.NumberFormat.getInstance(Locale.ROOT),
            new java.text.SimpleDateFormat("yyyy", Locale.ROOT),
            Optional.class,
            int[][].class
        };
        for (Object value : values) {
            assertEquals(value, sent(value));
        }
        assertNotNull(sent(java.util.regex.Pattern.compile("a*")));
        assertNotNull(sent(new Random(1)));
        assertEquals("5", sent(new AtomicInteger(5)).toString());
        LongAdder adder = new LongAdder();
        adder.add(7);
        assertEquals(7, assertInstanceOf(LongAdder.class, sent(adder)).sum());
        assertFalse(assertInstanceOf(
                        java.util.concurrent.locks.ReentrantLock.class,
                        sent(new java.util.concurrent.locks.ReentrantLock()))
                .isLocked());
    }
}
