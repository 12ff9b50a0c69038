package dev.brigade.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Task;
import dev.brigade.TaskFunction;
import java.io.ObjectInputFilter;
import java.io.Serializable;
import java.lang.invoke.SerializedLambda;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tests of lambdas that the compiler's own reader cannot tell apart: method references to one method, with different types. Each must be
 * read as it was written, in any order of reading.
 */
@SuppressWarnings({"serial", "unchecked", "UnnecessaryStringBuilder"}) // fixtures live for one test
class CodecLambdaTest {
    private final Codec codec = Codec.of(getClass().getClassLoader());

    private interface Named extends Serializable {
        default String title() {
            return "the " + this;
        }
    }

    private static class Animal implements Named {
        private final String name;

        Animal(String name) {
            this.name = name;
        }

        String name() {
            return name;
        }

        // The compiler's reader makes the first match in the source, so these methods have marked references alone.

        String shown() {
            return name;
        }

        String told() {
            return name;
        }

        String with(Animal other) {
            return name + " and " + other.name;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static final class Dog extends Animal {
        Dog(String name) {
            super(name);
        }
    }

    private static final class Cat extends Animal {
        Cat(String name) {
            super(name);
        }
    }

    private record Box(Object content) implements Serializable {}

    private static <T> List<T> listOf(T one) {
        return List.of(one);
    }

    private static String joined(Object... all) {
        return Arrays.toString(all);
    }

    /** The ways in which a lambda is sent: by itself, in an object, with a filter. */
    private enum Way {
        ALONE,
        IN_AN_OBJECT,
        FILTERED;

        <T> T sent(T lambda) {
            ClassLoader loader = CodecLambdaTest.class.getClassLoader();
            Codec codec =
                    this == FILTERED ? Codec.of(loader, ObjectInputFilter.Config.createFilter("*")) : Codec.of(loader);
            if (this == IN_AN_OBJECT) {
                Object back = codec.decode(codec.encode(new ArrayList<>(List.of(new Box(lambda)))));
                return (T) ((Box) ((List<?>) java.util.Objects.requireNonNull(back)).get(0)).content();
            }
            return (T) java.util.Objects.requireNonNull(codec.decode(codec.encode(lambda)));
        }
    }

    private static final Dog DOG = new Dog("Rex");
    private static final Cat CAT = new Cat("Tom");

    @ParameterizedTest
    @EnumSource
    void referencesToOneInheritedMethodKeepTheirTypes(Way way) throws Exception {
        TaskFunction<Dog, String> dogs = Animal::name;
        TaskFunction<Cat, String> cats = Animal::name;
        TaskFunction<Animal, String> all = Animal::name;
        for (int round = 0; round < 3; round++) {
            assertEquals("Tom", way.sent(cats).apply(CAT));
            assertEquals("Rex", way.sent(dogs).apply(DOG));
            assertEquals("Rex", way.sent(all).apply(DOG));
            assertEquals("Tom", way.sent(all).apply(CAT));
        }
    }

    /** A lambda may be sent on by its receiver. */
    @ParameterizedTest
    @EnumSource
    void whatHasBeenReadCanBeSentAgain(Way way) throws Exception {
        TaskFunction<Dog, String> dogs = Animal::toString;
        TaskFunction<Cat, String> cats = Animal::toString;
        assertEquals("Rex", way.sent(way.sent(dogs)).apply(DOG));
        assertEquals("Tom", way.sent(way.sent(cats)).apply(CAT));
    }

    @ParameterizedTest
    @EnumSource
    void boundReceiversOfOtherClassesAreTold(Way way) throws Exception {
        Dog dog = DOG;
        Cat cat = CAT;
        Task<String> dogs = dog::name;
        Task<String> cats = cat::name;
        for (int round = 0; round < 3; round++) {
            assertEquals("Tom", way.sent(cats).call());
            assertEquals("Rex", way.sent(dogs).call());
        }
        TaskFunction<Dog, String> withDogs = dog::with;
        TaskFunction<Cat, String> withCats = dog::with;
        assertEquals("Rex and Tom", way.sent(withCats).apply(CAT));
        assertEquals("Rex and Rex", way.sent(withDogs).apply(DOG));
    }

    @ParameterizedTest
    @EnumSource
    void referencesToInterfaceMethodsConstructorsAndGenericMethodsKeepTheirTypes(Way way) throws Exception {
        TaskFunction<Dog, String> dogs = Named::title;
        TaskFunction<Cat, String> cats = Named::title;
        assertEquals("the Tom", way.sent(cats).apply(CAT));
        assertEquals("the Rex", way.sent(dogs).apply(DOG));
        TaskFunction<String, Box> texts = Box::new;
        TaskFunction<Integer, Box> numbers = Box::new;
        assertEquals(new Box(1), way.sent(numbers).apply(1));
        assertEquals(new Box("1"), way.sent(texts).apply("1"));
        TaskFunction<String, List<String>> textLists = CodecLambdaTest::listOf;
        TaskFunction<Integer, List<Integer>> numberLists = CodecLambdaTest::<Integer>listOf;
        assertEquals(List.of(1), way.sent(numberLists).apply(1));
        assertEquals(List.of("1"), way.sent(textLists).apply("1"));
        TaskFunction<String[], Integer> textArrays = CodecLambdaTest::length;
        TaskFunction<Integer[], Integer> numberArrays = CodecLambdaTest::length;
        assertEquals(1, way.sent(numberArrays).apply(new Integer[1]));
        assertEquals(2, way.sent(textArrays).apply(new String[2]));
    }

    private static int length(Object[] array) {
        return array.length;
    }

    @ParameterizedTest
    @EnumSource
    void adaptedReferencesKeepTheirTypes(Way way) throws Exception {
        TaskFunction<Short, Object> shorts = Math::abs;
        TaskFunction<Integer, Integer> ints = Math::abs;
        assertEquals(1, way.sent(ints).apply(-1));
        assertEquals(1, way.sent(shorts).apply((short) -1));
        TaskFunction<String, String> texts = CodecLambdaTest::joined;
        TaskFunction<Integer, String> numbers = CodecLambdaTest::joined;
        assertEquals("[1]", way.sent(numbers).apply(1));
        assertEquals("[1]", way.sent(texts).apply("1"));
    }

    private interface Marker {}

    @Test
    void markerInterfacesAreKept() throws Exception {
        Function<Animal, String> marked = (Function<Animal, String> & Serializable & Marker) Animal::name;
        Function<Animal, String> plain = (Function<Animal, String> & Serializable) Animal::name;
        for (int round = 0; round < 3; round++) {
            Function<Animal, String> back = Way.ALONE.sent(plain);
            assertEquals("Rex", back.apply(DOG));
            assertTrue(!(back instanceof Marker));
            Function<Animal, String> markedBack = Way.ALONE.sent(marked);
            assertInstanceOf(Marker.class, markedBack);
            assertEquals("Rex", markedBack.apply(DOG));
        }
    }

    /** An object stream does not tell the marker interfaces of a lambda: the lambda must keep them, or be refused. */
    @ParameterizedTest
    @EnumSource
    void markerInterfacesAreNotLost(Way way) {
        Function<Dog, String> dogs = (Function<Dog, String> & Serializable & Marker) Animal::shown;
        Function<Cat, String> cats = (Function<Cat, String> & Serializable & Marker) Animal::shown;
        Dog dog = DOG;
        Cat cat = CAT;
        Task<String> ofDog = (Task<String> & Marker) dog::told;
        Task<String> ofCat = (Task<String> & Marker) cat::told;
        int kept = 0;
        for (Object lambda : List.of(dogs, cats, ofDog, ofCat, dogs, cats, ofDog, ofCat)) {
            try {
                assertInstanceOf(Marker.class, way.sent(lambda));
                kept++;
            } catch (UntransportableException e) {
                assertTrue(String.valueOf(e.getMessage()).contains("its marker interfaces are not known"), e::toString);
            }
        }
        assertTrue(way == Way.ALONE ? kept == 8 : kept >= 4, kept + " kept");
    }

    @Test
    void aWrongCapturedArgumentChangesNothingForOthers() throws Exception {
        Dog dog = DOG;
        Task<String> marked = (Task<String> & Marker) dog::told;
        SerializedLambda written = (SerializedLambda) LambdaCodec.writtenForm(marked);
        assertNotNull(written);
        List<String> known = LambdaForm.markersOf(marked.getClass(), written.getFunctionalInterfaceClass());
        for (List<String> markers : Arrays.asList(null, known)) {
            LambdaCodec lambdas = new LambdaCodec();
            LambdaForm form = new LambdaForm(
                    CodecLambdaTest.class,
                    written.getFunctionalInterfaceClass(),
                    written.getFunctionalInterfaceMethodName(),
                    written.getFunctionalInterfaceMethodSignature(),
                    written.getImplMethodKind(),
                    written.getImplClass(),
                    written.getImplMethodName(),
                    written.getImplMethodSignature(),
                    written.getInstantiatedMethodType(),
                    markers);
            for (int round = 0; round < 3; round++) {
                assertThrows(RuntimeException.class, () -> lambdas.make(form, new Object[] {"no dog"}));
                Object back = lambdas.make(form, new Object[] {DOG});
                assertInstanceOf(Marker.class, back);
                assertEquals("Rex", ((Task<?>) back).call());
            }
        }
    }

    /** An interface that has the method twice: with its own types, and with its parent's. */
    private interface TextFunction<I> extends TaskFunction<I, String> {
        @Override
        String apply(I input);
    }

    @ParameterizedTest
    @EnumSource
    void interfacesWithBridgesAreCalledEitherWay(Way way) throws Exception {
        TextFunction<Dog> dogs = Animal::name;
        TextFunction<Cat> cats = Animal::name;
        assertEquals("Tom", way.sent(cats).apply(CAT));
        assertEquals("Rex", way.sent(dogs).apply(DOG));
        TaskFunction<Cat, String> seenAsFunction = way.sent(cats);
        assertEquals("Tom", seenAsFunction.apply(CAT));
        TaskFunction<Dog, String> otherSeenAsFunction = way.sent(dogs);
        assertEquals("Rex", otherSeenAsFunction.apply(DOG));
    }

    @Test
    void objectsThatAReferenceSharesWithOthersStayOne() throws Exception {
        Dog dog = new Dog("Max");
        Cat cat = new Cat("Kit");
        Task<String> dogs = dog::title;
        Task<String> cats = cat::title;
        List<Object> back =
                (List<Object>) codec.decode(codec.encode(new ArrayList<>(List.of(cat, cats, dog, dogs, dogs))));
        assertNotNull(back);
        assertEquals("the Kit", ((Task<?>) back.get(1)).call());
        assertEquals("the Max", ((Task<?>) back.get(3)).call());
        assertSame(back.get(3), back.get(4));
    }

    // ---- classes that are not open to the library

    private static Class<?> closed(Path directory) throws Exception {
        Path source = Files.createDirectories(directory.resolve("source/closed"));
        Files.writeString(source.resolve("../module-info.java"), "module closed { exports closed; }");
        Files.writeString(source.resolve("Closed.java"), """
                package closed;
                import java.io.Serializable;
                import java.util.function.Function;
                public class Closed {
                    static <T> String text(T one) { return "" + one; }
                    public static Object captures(Object one, int two, String three) {
                        return (Function<Object, Object> & Serializable) n -> one + "" + two + three + n;
                    }
                    public static Object ofTexts() { return (Function<String, String> & Serializable) Closed::text; }
                    public static Object ofNumbers() { return (Function<Integer, String> & Serializable) Closed::text; }
                }
                """);
        Path classes = directory.resolve("classes");
        int errors = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-proc:none",
                        "-d",
                        classes.toString(),
                        source.resolve("Closed.java").toString(),
                        source.resolve("../module-info.java").toString());
        assertEquals(0, errors);
        ModuleLayer boot = ModuleLayer.boot();
        Configuration configuration =
                boot.configuration().resolve(ModuleFinder.of(classes), ModuleFinder.of(), Set.of("closed"));
        return boot.defineModulesWithOneLoader(configuration, CodecLambdaTest.class.getClassLoader())
                .findLoader("closed")
                .loadClass("closed.Closed");
    }

    @Test
    void lambdasOfAModuleThatIsNotOpenAreReadByTheJdk(@TempDir Path directory) throws Exception {
        Class<?> type = closed(directory);
        Codec there = Codec.of(type.getClassLoader());
        StringBuilder one = new StringBuilder("one ");
        Object lambda = type.getMethod("captures", Object.class, int.class, String.class)
                .invoke(null, one, 2, " three ");
        Function<Object, Object> back = (Function<Object, Object>) there.decode(there.encode(lambda));
        assertNotNull(back);
        assertEquals("one 2 three 4", back.apply(4));
        List<Object> both = (List<Object>) there.decode(there.encode(new ArrayList<>(List.of(one, lambda, lambda))));
        assertNotNull(both);
        ((StringBuilder) both.get(0)).append("and ");
        assertEquals("one and 2 three 4", ((Function<Object, Object>) both.get(1)).apply(4));
        assertSame(both.get(1), both.get(2));
    }

    @Test
    void aReferenceOfAModuleThatIsNotOpenIsRefusedRatherThanTakenForAnother(@TempDir Path directory) throws Exception {
        Class<?> type = closed(directory);
        Codec there = Codec.of(type.getClassLoader());
        Object texts = type.getMethod("ofTexts").invoke(null);
        Object numbers = type.getMethod("ofNumbers").invoke(null);
        int refused = 0;
        for (Object lambda : List.of(texts, numbers)) {
            for (Object sent : List.of(lambda, new ArrayList<>(List.of(lambda)))) {
                try {
                    Object back = there.decode(there.encode(sent));
                    Object one = back instanceof List<?> list ? list.get(0) : back;
                    assertNotNull(one);
                    Object input = lambda == texts ? "1" : 1;
                    assertEquals("1", ((Function<Object, Object>) one).apply(input));
                } catch (UntransportableException e) {
                    refused++;
                    assertTrue(
                            String.valueOf(e.getMessage()).contains("method reference closed.Closed::text"),
                            e::toString);
                    assertTrue(String.valueOf(e.getMessage()).contains("write a lambda instead"), e::toString);
                }
            }
        }
        // The compiler of JDK 24 and later tells the references apart.
        assertTrue(refused == 2 || Runtime.version().feature() >= 24, refused + " refused");
    }

    @Test
    void aFilterIsAskedAboutTheJdksClassOfLambdas() {
        ObjectInputFilter onlyThese = ObjectInputFilter.Config.createFilter(
                "java.lang.**;java.util.**;" + getClass().getName() + "*;!*");
        Codec filtered = Codec.of(getClass().getClassLoader(), onlyThese);
        TaskFunction<Dog, String> dogs = Animal::name;
        assertNotNull(filtered.decode(filtered.encode(new ArrayList<>(List.of(dogs)))));
        Codec none = Codec.of(
                getClass().getClassLoader(), ObjectInputFilter.Config.createFilter("java.util.*;java.lang.Object;!*"));
        UntransportableException refused = assertThrows(
                UntransportableException.class, () -> none.decode(none.encode(new ArrayList<>(List.of(dogs)))));
        assertTrue(
                String.valueOf(refused.getMessage()).contains("refused: java.lang.invoke.SerializedLambda"),
                refused::toString);
    }
}
