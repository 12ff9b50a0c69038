package dev.brigade.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.RemoteTaskException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.Serializable;
import java.math.BigDecimal;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.function.BinaryOperator;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests of class loaders, versions of classes, filters, and bytes that are damaged or hostile. */
@SuppressWarnings({"serial", "UnusedVariable", "UnusedMethod"}) // fixtures that are wrong on purpose
class CodecReadingTest {
    private final Codec codec = Codec.of(getClass().getClassLoader());

    private static String refusal(Codec codec, Payload payload) {
        return String.valueOf(assertThrows(UntransportableException.class, () -> codec.decode(payload))
                .getMessage());
    }

    /** Returns a loader that alone knows the class {@code only.There}: an exception, an interface and lambdas. */
    private static URLClassLoader elsewhere(Path directory) throws Exception {
        Path source = Files.writeString(directory.resolve("There.java"), """
                package only;
                public class There extends Exception {
                    interface Hidden extends java.io.Serializable { int number(); }
                    record Handler() implements java.lang.reflect.InvocationHandler, java.io.Serializable {
                        public Object invoke(Object p, java.lang.reflect.Method m, Object[] a) { return 5; }
                    }
                    public There(String message) { super(message); }
                    public static Object lambda(int n) {
                        return (java.util.concurrent.Callable<Integer> & java.io.Serializable) () -> n + 1;
                    }
                    public static Object proxy() {
                        return java.lang.reflect.Proxy.newProxyInstance(
                                There.class.getClassLoader(), new Class<?>[] {Hidden.class}, new Handler());
                    }
                }
                """);
        int errors = ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-proc:none", "-d", directory.toString(), source.toString());
        assertEquals(0, errors);
        return new URLClassLoader(new URL[] {directory.toUri().toURL()}, null);
    }

    private static Object make(ClassLoader loader, String method, Object... arguments) throws Exception {
        Class<?> type = loader.loadClass("only.There");
        return method.isEmpty()
                ? type.getConstructor(String.class).newInstance(arguments)
                : arguments.length == 0
                        ? type.getMethod(method).invoke(null)
                        : type.getMethod(method, int.class).invoke(null, arguments);
    }

    @Test
    void findsClassesInTheGivenLoader(@TempDir Path directory) throws Exception {
        try (URLClassLoader loader = elsewhere(directory)) {
            Codec there = Codec.of(loader);
            Object made = make(loader, "", "x");
            assertSame(made.getClass(), sent(there, made).getClass());
            Object[] array = (Object[]) java.lang.reflect.Array.newInstance(made.getClass(), 2);
            assertSame(array.getClass(), sent(there, array).getClass());
            assertSame(array.getClass(), sent(there, array.getClass()));
            assertEquals(42, ((Callable<?>) sent(there, make(loader, "lambda", 41))).call());
            Object proxy = make(loader, "proxy");
            assertSame(proxy.getClass(), sent(there, proxy).getClass());
            // the second time from the cache
            assertSame(made.getClass(), sent(there, made).getClass());
            // this library's classes, which that loader does not see
            assertInstanceOf(Named.class, sent(there, new Named("x")));
        }
    }

    private static Object sent(Codec codec, Object value) throws Exception {
        Object back = codec.decode(codec.encode(value));
        assertNotNull(back);
        return back;
    }

    @Test
    void namesTheClassThatIsMissing(@TempDir Path directory) throws Exception {
        try (URLClassLoader loader = elsewhere(directory)) {
            Object made = make(loader, "", "boom");
            assertEquals("only.There cannot be read: class not found: only.There", refusal(codec, codec.encode(made)));
            assertEquals(
                    "java.util.ArrayList cannot be read: class not found: only.There",
                    refusal(codec, codec.encode(new ArrayList<>(List.of(made)))));
            assertTrue(refusal(codec, codec.encode(make(loader, "lambda", 1))).contains("class not found: only.There"));
            assertTrue(
                    refusal(codec, codec.encode(make(loader, "proxy"))).contains("class not found: only.There$Hidden"));
        }
    }

    @Test
    void aFailureWhoseClassIsMissingKeepsItsTextAndStack(@TempDir Path directory) throws Exception {
        try (URLClassLoader loader = elsewhere(directory)) {
            Exception made = (Exception) make(loader, "", "boom");
            Payload payload = Codec.of(loader).encodeFailure(made);
            RemoteTaskException back = assertThrows(RemoteTaskException.class, () -> codec.decodeReply(payload));
            assertEquals("only.There", back.originalClassName());
            assertArrayEquals(made.getStackTrace(), back.getStackTrace());
            String text = String.valueOf(back.getMessage());
            assertTrue(text.startsWith("only.There: boom [the original could not be read here: "), text);
            assertTrue(text.contains("class not found: only.There"), text);
        }
    }

    @Test
    void aResultWhoseClassIsMissingNamesIt(@TempDir Path directory) throws Exception {
        try (URLClassLoader loader = elsewhere(directory)) {
            Payload payload = Codec.of(loader).encodeResult(make(loader, "", "boom"));
            RemoteTaskException back = assertThrows(RemoteTaskException.class, () -> codec.decodeReply(payload));
            assertEquals("only.There", back.originalClassName());
            assertTrue(String.valueOf(back.getMessage()).contains("class not found: only.There"));
        }
    }

    private static final class Versioned implements Serializable {
        private static final long serialVersionUID = 0x1122334455667788L;
    }

    private record Named(Object name) implements Serializable {}

    /** Replaces a sequence of bytes, each taken as a character. */
    private static Payload altered(Payload payload, String from, String to) {
        String text = new String(payload.bytes(), ISO_8859_1);
        assertTrue(text.contains(from));
        return new Payload(payload.kind(), text.replace(from, to).getBytes(ISO_8859_1));
    }

    @Test
    void saysThatTheVersionsOfAClassDiffer() {
        Payload other = altered(codec.encode(new Versioned()), "\u0011\"3DUfw\u0088", "\u0011\"3DUfw\u0089");
        String text = refusal(codec, other);
        assertTrue(
                text.contains("the class differs from the one that was written: " + Versioned.class.getName()), text);
        assertTrue(text.contains("1234605616436508553") && text.contains("1234605616436508552"), text);
    }

    @Test
    void saysThatALambdaIsNotTheOneThatWasWritten() {
        Serializable lambda = (Callable<Integer> & Serializable) () -> 1;
        String name = "lambda$saysThatALambdaIs";
        String text = refusal(
                codec, altered(codec.encode(lambda), name, "lambda$saysThatALambdaWas".substring(0, name.length())));
        assertTrue(text.startsWith("the lambda cannot be read: "), text);
        assertTrue(text.contains("Invalid lambda deserialization"), text);
    }

    private static final class Recursive implements Serializable {
        private void readObject(ObjectInputStream in) throws IOException {
            if (in != null) {
                readObject(in);
            }
        }
    }

    @Test
    void survivesReadObjectMethodsThatNeverEnd() {
        assertTrue(refusal(codec, codec.encode(new Recursive())).contains("StackOverflowError"));
    }

    @Test
    void damagedBytesDoNothingButThrow() {
        Random random = new Random(42);
        Map<String, Object> map = new HashMap<>(Map.of("k", List.of(1, "two", new int[] {3}), "n", new Named("x")));
        Serializable lambda = (Callable<String> & Serializable) () -> "" + map;
        Payload[] good = {
            codec.encode(map),
            codec.encode(lambda),
            codec.encodeFailure(new IOException("x", new IllegalStateException("y")))
        };
        for (int i = 0; i < 4_000; i++) {
            Payload payload = good[i % good.length];
            byte[] bytes = payload.bytes().clone();
            for (int changes = random.nextInt(3); changes >= 0; changes--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            if (random.nextInt(4) == 0) {
                bytes = java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length));
            }
            decodesOrThrows(new Payload(payload.kind(), bytes));
        }
    }

    /**
     * Asserts that a damaged value is refused or becomes some other value. It may cause no error of the JVM, and no exceptions but the
     * library's and those in the payload.
     */
    private void decodesOrThrows(Payload payload) {
        try {
            if (!payload.isFailure()) {
                codec.decode(payload);
            } else {
                codec.decodeReply(payload);
            }
        } catch (UntransportableException | RemoteTaskException | IOException | IllegalStateException expected) {
            assertNotNull(expected);
        } catch (Throwable e) {
            throw new AssertionError("from " + payload, e);
        }
    }

    @Test
    void everyKindRefusesBytesThatDoNotFit() {
        Random random = new Random(7);
        for (int kind = Byte.MIN_VALUE; kind <= Byte.MAX_VALUE; kind++) {
            for (int length = 0; length < 20; length++) {
                byte[] bytes = new byte[length];
                random.nextBytes(bytes);
                decodesOrThrows(new Payload((byte) kind, bytes));
            }
        }
        assertTrue(refusal(codec, new Payload((byte) 6, new byte[3])).contains("takes 4 bytes, it has 3"));
        assertTrue(refusal(codec, new Payload((byte) 17, new byte[9])).contains("a multiple of 8 bytes, it has 9"));
        assertTrue(refusal(codec, new Payload((byte) 40, new byte[0])).contains("unknown kind"));
        assertTrue(refusal(codec, new Payload((byte) -1, new byte[0])).contains("unknown kind"));
    }

    @Test
    void absurdLengthsInFailuresAreRefused() {
        for (byte kind : new byte[] {64, 65}) {
            for (int length : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 9}) {
                byte[] bytes = new byte[8];
                PrimitiveCodec.putInt(bytes, 0, length);
                RemoteTaskException back =
                        assertThrows(RemoteTaskException.class, () -> codec.decodeReply(new Payload(kind, bytes)));
                assertTrue(String.valueOf(back.getMessage()).contains("damaged"), back.getMessage());
            }
        }
    }

    @Test
    void anArrayThatTheMessageCannotHoldIsRefusedBeforeItIsMade() {
        Payload payload = codec.encode(new Named(new long[] {1, 2, 3}));
        String length = "\0\0\0\u0003";
        String text = refusal(codec, altered(payload, length, "\u007f\u00ff\u00ff\u00f0"));
        assertTrue(text.contains("refused: an array of 2147483632 elements, more than the message can hold"), text);
    }

    @Test
    void manyArraysTogetherAreRefusedToo() {
        // each array claims what a single one may claim
        Object[] arrays = new Object[50];
        for (int i = 0; i < arrays.length; i++) {
            arrays[i] = new Object[] {new byte[0]};
        }
        Payload payload = codec.encode(new Named(arrays));
        int claim = FilteredObjectInputStream.ELEMENTS_PER_BYTE * payload.bytes().length;
        String text = new String(payload.bytes(), ISO_8859_1);
        String claimed = new String(
                new byte[] {(byte) (claim >> 24), (byte) (claim >> 16), (byte) (claim >> 8), (byte) claim}, ISO_8859_1);
        Payload hostile = new Payload(
                payload.kind(), text.replace("\0\0\0\u0001", claimed).getBytes(ISO_8859_1));
        assertTrue(refusal(codec, hostile).contains("refused: an array of"), refusal(codec, hostile));
    }

    @Test
    void objectsNestedDeeperThanTheLimitAreRefused() throws Exception {
        // written and read on a thread with a deep stack, so that the limit comes before the stack's end
        String[] text = new String[1];
        Thread deep = new Thread(
                null,
                () -> {
                    Named chain = new Named("end");
                    for (int i = 0; i < FilteredObjectInputStream.MAX_DEPTH + 10; i++) {
                        chain = new Named(chain);
                    }
                    text[0] = refusal(codec, codec.encode(chain));
                },
                "deep",
                1L << 30);
        deep.start();
        deep.join(60_000);
        assertTrue(String.valueOf(text[0]).contains("refused: objects nested deeper than 10000"), text[0]);
    }

    @Test
    void theUsersFilterIsAskedAndItsRefusalIsNamed() throws Exception {
        ObjectInputFilter filter = ObjectInputFilter.Config.createFilter("java.util.*;java.lang.*;!*");
        Codec strict = Codec.of(getClass().getClassLoader(), filter);
        assertEquals(List.of(1), strict.decode(codec.encode(new ArrayList<>(List.of(1)))));
        assertEquals(5, strict.decode(codec.encode(5)), "plain values are not subject to it");
        assertEquals(
                "java.math.BigDecimal cannot be read: refused: java.math.BigDecimal, by the filter that was set for this",
                refusal(strict, codec.encode(BigDecimal.ONE)));
        Payload failure = codec.encodeFailure(new IOException("the disk is full"));
        RemoteTaskException back = assertThrows(RemoteTaskException.class, () -> strict.decodeReply(failure));
        assertTrue(String.valueOf(back.getMessage()).startsWith("java.io.IOException: the disk is full [the original"));
    }

    @Test
    void theUsersFilterIsAskedAboutLambdasToo() throws Exception {
        int n = 41;
        Payload lambda = codec.encode((Callable<Integer> & Serializable) () -> n + 1);
        Codec none = Codec.of(getClass().getClassLoader(), ObjectInputFilter.Config.createFilter("!*"));
        assertTrue(refusal(none, lambda).contains("refused: java.lang.invoke.SerializedLambda"), refusal(none, lambda));
        Codec all = Codec.of(getClass().getClassLoader(), ObjectInputFilter.Config.createFilter("*"));
        assertEquals(42, ((Callable<?>) Objects.requireNonNull(all.decode(lambda))).call());
        Codec trusting = Codec.trusting(getClass().getClassLoader());
        assertEquals(42, ((Callable<?>) Objects.requireNonNull(trusting.decode(lambda))).call());
    }

    /** Only {@link FilteredObjectInputStream} puts its class for lambdas in the place of the JDK's. */
    @Test
    void theClassThatLambdasAreReadByCannotBeNamed() {
        byte[] named = namingOurs((Callable<Integer> & Serializable) () -> 1);
        for (String rules : new String[] {"!java.lang.invoke.SerializedLambda;*", "java.**;dev.brigade.**;!*", "*"}) {
            Codec filtered = Codec.of(getClass().getClassLoader(), ObjectInputFilter.Config.createFilter(rules));
            for (Codec reader : new Codec[] {filtered, codec}) {
                String text = refusal(
                        reader, new Payload(codec.encode(new ArrayList<>()).kind(), named));
                assertTrue(text.contains("refused: " + WrittenLambda.class.getName()), text);
            }
        }
    }

    /** A JVM has one filter factory, for ever, so each line runs in a JVM of its own. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    * | read
                    !java.lang.invoke.SerializedLambda;* | refused: java.lang.invoke.SerializedLambda, by the filter of
                    java.**;dev.brigade.transport.CodecR*;!* | allow it too where java.lang.invoke.SerializedLambda
                    java.**;dev.brigade.transport.CodecR*;dev.brigade.transport.WrittenLambda;!* | read
                    """)
    void aFilterFactorysFilterIsAskedAboutLambdas(String rules, String outcome) throws Exception {
        Process program = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djdk.serialFilterFactory=" + MergingFactory.class.getName(),
                        "-Drules=" + rules,
                        "-cp",
                        System.getProperty("java.class.path"),
                        ReadsALambda.class.getName())
                .redirectErrorStream(true)
                .start();
        try (var out = program.getInputStream()) {
            String text = new String(out.readAllBytes(), ISO_8859_1);
            assertTrue(text.contains(outcome), text);
        } finally {
            program.destroyForcibly();
        }
    }

    /** Adds the rules of a system property to the filter that is set. */
    public static final class MergingFactory implements BinaryOperator<ObjectInputFilter> {
        @Override
        public ObjectInputFilter apply(ObjectInputFilter current, ObjectInputFilter next) {
            ObjectInputFilter more = ObjectInputFilter.Config.createFilter(System.getProperty("rules"));
            return next == null ? info -> ObjectInputFilter.Status.UNDECIDED : ObjectInputFilter.merge(next, more);
        }
    }

    /** Prints {@code read}, or the reason for not reading a lambda in a list. */
    public static final class ReadsALambda {
        private ReadsALambda() {}

        public static void main(String... args) {
            Codec codec = Codec.of(ReadsALambda.class.getClassLoader());
            List<Object> lambdas = new ArrayList<>(List.of((Callable<Integer> & Serializable) () -> 1));
            try {
                codec.decode(codec.encode(lambdas));
                System.out.println("read");
            } catch (UntransportableException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    @Test
    void lambdasThatAreRefusedLeaveNothingBehind() {
        Serializable lambda = (Callable<Integer> & Serializable) () -> 1;
        Codec none = Codec.of(getClass().getClassLoader(), ObjectInputFilter.Config.createFilter("!*"));
        Codec open = Codec.of(getClass().getClassLoader());
        String name = "lambda$lambdasThatAreRefused";
        for (int i = 0; i < 50; i++) {
            String other = "lambda$lambdasThatAreRefuse" + (char) ('0' + i);
            for (Object sent : new Object[] {lambda, new ArrayList<>(List.of(lambda))}) {
                Payload unknown = altered(codec.encode(sent), name, other);
                refusal(none, unknown);
                refusal(open, unknown);
            }
        }
        assertEquals(0, none.keptForms());
        assertEquals(0, open.keptForms());
        for (int i = 0; i < 3; i++) {
            open.decode(open.encode(lambda));
            assertEquals(2, open.keptForms(), "its bytes, and what makes it");
        }
    }

    @Test
    void aLambdaWithEndlessNamesIsRefused() {
        Payload lambda = codec.encode((Callable<Integer> & Serializable) () -> 1);
        byte[] bytes = java.util.Arrays.copyOf(lambda.bytes(), 1 << 17);
        PrimitiveCodec.putInt(bytes, 0, 1 << 16);
        String text = refusal(codec, new Payload(lambda.kind(), bytes));
        assertTrue(text.contains("the form of a lambda takes 65536 bytes, over the limit of 32768"), text);
    }

    /** Returns the object stream of a lambda, with the name and version of the class that lambdas are read by here. */
    private static byte[] namingOurs(Serializable lambda) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes) {
            @Override
            protected void writeClassDescriptor(ObjectStreamClass type) throws IOException {
                boolean isLambda = type.getName().equals("java.lang.invoke.SerializedLambda");
                super.writeClassDescriptor(isLambda ? ObjectStreamClass.lookup(WrittenLambda.class) : type);
            }
        }) {
            out.writeObject(lambda);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    @Test
    void lambdasInLambdasBeyondTheLimitAreRefused() {
        Serializable deepest = (Callable<Integer> & Serializable) () -> 1;
        Payload payload = codec.encode(deepest);
        for (int i = 0; i < 10; i++) {
            payload = wrapped(payload);
        }
        assertTrue(refusal(codec, payload).contains("lambdas in lambdas"), refusal(codec, payload));
    }

    /** Returns a lambda's payload with its captured argument replaced by a payload. */
    private Payload wrapped(Payload content) {
        Integer captured = 1;
        Payload outer = codec.encode((Callable<Integer> & Serializable) () -> captured);
        int end = outer.bytes().length - 9; // kind, length, and four bytes of the integer
        byte[] bytes = java.util.Arrays.copyOf(outer.bytes(), end + 5 + content.bytes().length);
        bytes[end] = content.kind();
        PrimitiveCodec.putInt(bytes, end + 1, content.bytes().length);
        System.arraycopy(content.bytes(), 0, bytes, end + 5, content.bytes().length);
        return new Payload(outer.kind(), bytes);
    }

    @Test
    void aFilterThatThrowsRefuses() {
        Codec broken = Codec.of(getClass().getClassLoader(), info -> {
            throw new IllegalStateException("broken filter");
        });
        assertTrue(refusal(broken, codec.encode(BigDecimal.ONE)).contains("REJECTED"));
    }

    @Test
    void theUsersFilterCannotLiftTheLimits() {
        Codec open = Codec.of(getClass().getClassLoader(), info -> ObjectInputFilter.Status.ALLOWED);
        Payload payload = codec.encode(new Named(new long[] {1, 2, 3}));
        String text = refusal(open, altered(payload, "\0\0\0\u0003", "\u007f\u00ff\u00ff\u00f0"));
        assertTrue(text.contains("more than the message can hold"), text);
    }
}
