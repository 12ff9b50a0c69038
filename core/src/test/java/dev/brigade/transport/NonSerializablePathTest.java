package dev.brigade.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.TaskFunction;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** This class is not serializable, on purpose: an object that captures it cannot be transported. */
@SuppressWarnings({"serial", "ClassCanBeStatic", "UnusedVariable", "UnusedMethod"
}) // fixtures that are wrong on purpose
class NonSerializablePathTest {
    private static final String ME = NonSerializablePathTest.class.getName();
    private static final String SHORT = "NonSerializablePathTest";

    private final int field = 1;

    private static String refusal(Object value) {
        Codec codec = Codec.of(ClassLoader.getSystemClassLoader());
        return String.valueOf(assertThrows(UntransportableException.class, () -> codec.encode(value))
                .getMessage());
    }

    private static final class Wire {
        @Override
        public String toString() {
            return "wire";
        }
    }

    private static class Customer implements Serializable {
        final @Nullable Object connection;
        transient @Nullable Object scratch = new Wire();

        Customer(@Nullable Object connection) {
            this.connection = connection;
        }
    }

    private record Order(int number, @Nullable Object customer) implements Serializable {}

    private static final class LateCustomer extends Customer {
        private final String name = "late";

        LateCustomer(Object connection) {
            super(connection);
        }

        @Override
        public String toString() {
            throw new AssertionError(name);
        }
    }

    @Test
    void namesTheClassThatIsNotSerializableItself() {
        assertEquals(ME + "$Wire cannot be transported: it is not serializable", refusal(new Wire()));
    }

    @Test
    void namesEachFieldOnTheWay() {
        assertEquals(
                ME + "$Order cannot be transported: " + SHORT + "$Order.customer -> " + SHORT + "$Customer.connection ("
                        + ME + "$Wire) is not serializable",
                refusal(new Order(1, new Customer(new Wire()))));
    }

    @Test
    void namesTheClassThatDeclaresAnInheritedField() {
        assertEquals(
                ME + "$LateCustomer cannot be transported: " + SHORT + "$Customer.connection (" + ME
                        + "$Wire) is not serializable",
                refusal(new LateCustomer(new Wire())));
    }

    @Test
    void namesIndicesAndKeys() {
        Object bad = new Customer(new Wire());
        String end = " -> " + SHORT + "$Customer.connection (" + ME + "$Wire) is not serializable";
        assertTrue(refusal(new Object[] {1, null, bad}).endsWith(": Object[2]" + end));
        assertTrue(refusal(new Order(1, new Object[] {bad})).endsWith(SHORT + "$Order.customer[0]" + end));
        assertTrue(refusal(new ArrayList<>(List.of("a", "b", bad))).endsWith(": ArrayList[2]" + end));
        assertTrue(refusal(new Order(1, List.of("a", bad))).endsWith(SHORT + "$Order.customer[1]" + end));
        assertTrue(refusal(new Order(1, Map.of("db", bad))).contains(SHORT + "$Order.customer -> an element of "));
        assertTrue(refusal(new Order(1, new java.util.HashMap<>(Map.of("db", bad))))
                .endsWith(SHORT + "$Order.customer[db]" + end));
        assertTrue(refusal(new java.util.TreeMap<>(Map.of(5, bad))).endsWith(": TreeMap[5]" + end));
    }

    @Test
    void looksIntoWrappersAndReferencesOfTheJdk() {
        String end = SHORT + "$Customer.connection (" + ME + "$Wire) is not serializable";
        Object bad = new Customer(new Wire());
        assertTrue(refusal(Collections.synchronizedList(new ArrayList<>(List.of(bad))))
                .endsWith("[0] -> " + end));
        assertTrue(refusal(new AtomicReference<>(bad))
                .endsWith("an element of java.util.concurrent.atomic.AtomicReference -> " + end));
        assertTrue(refusal(new java.util.ArrayDeque<>(List.of(bad))).endsWith(end));
    }

    @Test
    void looksIntoCausesAndFieldsOfExceptions() {
        IOException outer = new IOException("outer", new BadException(new Wire()));
        assertTrue(refusal(outer)
                .endsWith(": the cause of java.io.IOException -> " + SHORT + "$BadException.wire (" + ME
                        + "$Wire) is not serializable"));
        IllegalStateException suppressing = new IllegalStateException("x");
        suppressing.addSuppressed(new BadException(new Wire()));
        assertTrue(refusal(suppressing).contains(": what is suppressed in java.lang.IllegalStateException"));
    }

    private static final class BadException extends Exception {
        final Object wire;

        BadException(Object wire) {
            this.wire = wire;
        }
    }

    @Test
    void namesWhatALambdaCaptures() {
        Wire wire = new Wire();
        String text = "x";
        TaskFunction<String, String> function = in -> in + text + wire;
        assertEquals(
                "the lambda in " + ME
                        + ".namesWhatALambdaCaptures cannot be transported: captured argument 2 of the lambda in " + ME
                        + ".namesWhatALambdaCaptures (" + ME + "$Wire) is not serializable",
                refusal(function));
    }

    @Test
    void namesTheLambdaInAField() {
        Wire wire = new Wire();
        TaskFunction<String, String> function = in -> in + wire;
        assertTrue(refusal(new Order(1, function))
                .contains(": " + SHORT + "$Order.customer -> captured argument 1 of the lambda in " + ME
                        + ".namesTheLambdaInAField ("));
    }

    @Test
    void saysWhenALambdaCapturesThis() {
        TaskFunction<Integer, Integer> function = in -> in + hashCode();
        assertTrue(refusal(function)
                .endsWith(": this, captured by the lambda in " + ME + ".saysWhenALambdaCapturesThis (" + ME
                        + ") is not serializable"));
    }

    @Test
    void saysWhenAMethodReferenceCapturesItsReceiver() {
        Wire wire = new Wire();
        TaskFunction<Object, Boolean> function = wire::equals;
        assertTrue(refusal(function).contains("the receiver of the method reference "), refusal(function));
        assertTrue(refusal(function).endsWith("(" + ME + "$Wire) is not serializable"));
    }

    @Test
    void saysHowToMakeALambdaSerializable() {
        Function<Integer, Integer> plain = in -> in + 1;
        assertEquals(
                "a lambda in " + ME
                        + " cannot be transported: it is not serializable: give it the type Task, TaskFunction or "
                        + "another that extends Serializable",
                refusal(plain));
        assertTrue(refusal(new Order(1, plain))
                .contains(
                        SHORT + "$Order.customer (a lambda in " + ME + ") is not serializable: give it the type Task"));
    }

    @Test
    void namesTheOuterInstanceOfInnerAnonymousAndLocalClasses() {
        class Local implements Serializable {
            int use() {
                return field;
            }
        }
        Serializable anonymous = new Serializable() {
            @Override
            public String toString() {
                return "" + field;
            }
        };
        for (Object value : new Object[] {new Local(), anonymous, new Inner()}) {
            String type = value.getClass().getName();
            assertEquals(
                    type + " cannot be transported: the outer instance captured by "
                            + type.substring(type.lastIndexOf('.') + 1) + " (" + ME + ") is not serializable",
                    refusal(value));
        }
    }

    private final class Inner implements Serializable {
        int use() {
            return field;
        }
    }

    @Test
    void namesTheVariableCapturedByAnAnonymousClass() {
        assertTrue(refusal(capturing(new Wire())).contains(": the variable wire captured by " + SHORT + "$"));
    }

    private static Object capturing(Object wire) {
        return new Serializable() {
            @Override
            public int hashCode() {
                return wire.hashCode();
            }

            @Override
            public boolean equals(@Nullable Object other) {
                return other == this;
            }
        };
    }

    @Test
    void endsOnCyclesAndVeryLongPaths() {
        Object[] cycle = new Object[2];
        cycle[0] = cycle;
        cycle[1] = new Customer(new Wire());
        assertTrue(refusal(cycle).contains("Object[1] -> "), refusal(cycle));
        Customer chain = new Customer(new Wire());
        for (int i = 0; i < 200; i++) {
            chain = new Customer(chain);
        }
        String text = refusal(chain);
        assertTrue(text.contains(" -> ... 171 more ... -> ") && text.length() < 2_000, text);
    }

    @Test
    void callsNoMethodOfTheObjects() {
        AtomicInteger calls = new AtomicInteger();
        Nosy.calls = calls;
        String text = refusal(new Order(1, new Object[] {new Nosy(), new Customer(new Wire())}));
        assertTrue(
                text.endsWith("$Order.customer[1] -> " + SHORT + "$Customer.connection (" + ME
                        + "$Wire) is not serializable"),
                text);
        assertEquals(1, calls.get(), "writeObject runs when it is written, and never for the search");
    }

    private static final class Nosy extends ArrayList<String> {
        static AtomicInteger calls = new AtomicInteger();

        private void writeObject(ObjectOutputStream out) throws IOException {
            calls.incrementAndGet();
            out.defaultWriteObject();
        }

        @Override
        public int hashCode() {
            throw new AssertionError("hashCode called");
        }

        @Override
        public boolean equals(@Nullable Object other) {
            throw new AssertionError("equals called");
        }

        @Override
        public java.util.Iterator<String> iterator() {
            throw new AssertionError("iterator called");
        }
    }

    @Test
    void isStillClearWhenThePathCannotBeFound() {
        assertEquals(ME + "$Secret cannot be transported: " + ME + "$Wire is not serializable", refusal(new Secret()));
        assertEquals(ME + "$Grumpy cannot be transported: never me is not serializable", refusal(new Grumpy()));
    }

    private static final class Secret implements Serializable {
        private void writeObject(ObjectOutputStream out) throws IOException {
            out.writeObject(new Wire());
        }
    }

    private static final class Grumpy implements Serializable {
        private void writeObject(ObjectOutputStream out) throws IOException {
            throw new NotSerializableException("never me");
        }
    }

    @Test
    void findsWhatWriteReplaceBringsIn() {
        assertTrue(refusal(new Order(1, new Replaced()))
                .contains(SHORT + "$Order.customer -> " + SHORT + "$Customer.connection (" + ME + "$Wire)"));
    }

    private static final class Replaced implements Serializable {
        private Object writeReplace() {
            return new Customer(new Wire());
        }
    }

    @Test
    void saysWhichMethodsThrow() {
        Supplier<RuntimeException> supplier = () -> new IllegalStateException("no today");
        Thrower.thrown = supplier;
        assertEquals(
                ME
                        + "$Thrower cannot be transported: its serialization threw java.lang.IllegalStateException: no today",
                refusal(new Thrower()));
    }

    private static final class Thrower implements Serializable {
        static Supplier<RuntimeException> thrown = RuntimeException::new;

        private void writeObject(ObjectOutputStream out) {
            throw thrown.get();
        }
    }

    @Test
    void saysWhenTheObjectsAreNestedTooDeeply() {
        Customer chain = new Customer(null);
        for (int i = 0; i < 100_000; i++) {
            chain = new Customer(chain);
        }
        assertTrue(refusal(chain).contains("nested too deeply for the stack (StackOverflowError)"));
    }
}
