package dev.brigade;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.domain.properties.HasModifiers;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Checks the rooms (packages) of the library and the dependencies between them. Each rule comes with a class that breaks it, because a rule
 * that cannot fail checks nothing.
 */
class ArchitectureTest {
    private static final String THREADS = "dev.brigade.threads";
    private static final String CONTEXT = "dev.brigade.context";
    private static final String ENGINE = "dev.brigade.engine";
    private static final String BATCH = "dev.brigade.engine.batch";
    private static final String VIEW = "dev.brigade.engine.view";
    private static final String CORE = "dev.brigade.engine.core";
    private static final String STATE = "dev.brigade.engine.state";
    private static final String TIME = "dev.brigade.engine.time";
    private static final String PROCESS = "dev.brigade.process";
    private static final String CONFIG = "dev.brigade.process.config";
    private static final String OS = "dev.brigade.process.os";
    private static final String PROTOCOL = "dev.brigade.process.protocol";
    private static final String LAUNCH = "dev.brigade.process.launch";
    private static final String CONNECTION = "dev.brigade.process.connection";
    private static final String SCHEDULING = "dev.brigade.process.scheduling";
    private static final String WORKER = "dev.brigade.process.worker";

    private static final String[] ROOMS = {
        "dev.brigade",
        THREADS,
        CONTEXT,
        "dev.brigade.spi",
        ENGINE,
        BATCH,
        VIEW,
        CORE,
        STATE,
        TIME,
        "dev.brigade.transport",
        PROCESS,
        CONFIG,
        OS,
        PROTOCOL,
        LAUNCH,
        SCHEDULING,
        CONNECTION,
        WORKER,
        "dev.brigade.runner"
    };
    /** Methods that complete a stage, and so run its dependents, on the JDK's timer thread or its common pool. */
    private static final Set<String> COMMON_POOL_STAGES = Set.of("orTimeout", "completeOnTimeout");

    private static final Set<String> COMMON_POOL_ELSEWHERE = Set.of("commonPool", "parallelStream", "parallel");

    private static final Set<String> MAKE_THREADS = Set.of(
            "dev.brigade.threads.OwnThreads",
            "dev.brigade.runner.EventLoop$LoopThread",
            "dev.brigade.process.worker.TaskExecutor",
            "dev.brigade.process.worker.ParentWatchdog",
            "dev.brigade.process.worker.CdsTrainingMain",
            "dev.brigade.process.worker.WorkerTaskContext",
            "dev.brigade.process.worker.WorkerMain");

    /** Excludes the classes in the directory of this class, so that the build tool and its output directory do not matter. */
    private static final ImportOption NO_TESTS = location -> !location.contains(ArchitectureTest.class
            .getProtectionDomain()
            .getCodeSource()
            .getLocation()
            .getPath());

    private static final JavaClasses LIBRARY =
            new ClassFileImporter().withImportOption(NO_TESTS).importPackages("dev.brigade");

    /** The classes that break the rules, compiled once and together. */
    private static JavaClasses broken = LIBRARY;

    /** A rule, and the package and members of a public class that breaks it. */
    record Rule(String name, ArchRule kept, String packageName, String members) {
        String breaker() {
            return "Breaks_" + name.replace(' ', '_');
        }

        String source() {
            return "package " + packageName + "; public class " + breaker() + " { " + members + " }";
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Rule> rules() {
        return Stream.of(
                new Rule(
                        "the words need the JDK alone",
                        room("dev.brigade", "java..", "org.jspecify.annotations"),
                        "dev.brigade",
                        "org.slf4j.Logger log;"),
                new Rule(
                        "threads", roomWithLibraries(THREADS, "dev.brigade"), THREADS, "dev.brigade.runner.Leaf leaf;"),
                new Rule(
                        "context",
                        roomWithLibraries(CONTEXT, THREADS, "dev.brigade"),
                        CONTEXT,
                        "dev.brigade.runner.Leaf leaf;"),
                new Rule(
                        "spi",
                        roomWithLibraries("dev.brigade.spi", CONTEXT, "dev.brigade"),
                        "dev.brigade.spi",
                        "dev.brigade.runner.Leaf leaf;"),
                new Rule(
                        "engine",
                        roomWithLibraries(ENGINE, BATCH, VIEW, CORE, TIME, THREADS, "dev.brigade.spi", "dev.brigade"),
                        ENGINE,
                        "dev.brigade.runner.Leaf leaf;"),
                new Rule(
                        "batch",
                        roomWithLibraries(BATCH, CORE, STATE, TIME, THREADS, "dev.brigade.spi", "dev.brigade"),
                        BATCH,
                        "dev.brigade.runner.Leaf leaf;"),
                new Rule(
                        "view",
                        roomWithLibraries(VIEW, CORE, STATE, TIME, THREADS, "dev.brigade.spi", "dev.brigade"),
                        VIEW,
                        "dev.brigade.runner.Leaf leaf;"),
                new Rule(
                        "core",
                        roomWithLibraries(CORE, STATE, TIME, THREADS, CONTEXT, "dev.brigade.spi", "dev.brigade"),
                        CORE,
                        "dev.brigade.runner.Leaf leaf;"),
                new Rule(
                        "state",
                        roomWithLibraries(STATE, THREADS, "dev.brigade"),
                        STATE,
                        "dev.brigade.runner.Leaf leaf;"),
                new Rule(
                        "time",
                        roomWithLibraries(TIME, THREADS, "dev.brigade.spi", "dev.brigade"),
                        TIME,
                        "dev.brigade.runner.Leaf leaf;"),
                new Rule(
                        "transport",
                        roomWithLibraries("dev.brigade.transport", "dev.brigade"),
                        "dev.brigade.transport",
                        "dev.brigade.engine.BackendRunner engine;"),
                new Rule("os", roomWithLibraries(OS), OS, "dev.brigade.Root root;"),
                new Rule("config", roomWithLibraries(CONFIG, "dev.brigade"), CONFIG, "dev.brigade.runner.Leaf leaf;"),
                new Rule(
                        "protocol",
                        roomWithLibraries(PROTOCOL, OS, "dev.brigade.transport"),
                        PROTOCOL,
                        "dev.brigade.Root root;"),
                new Rule("launch", roomWithLibraries(LAUNCH, PROTOCOL, OS, CONFIG), LAUNCH, "dev.brigade.Root root;"),
                new Rule(
                        "scheduling",
                        roomWithLibraries(
                                SCHEDULING, PROTOCOL, "dev.brigade.spi", "dev.brigade.transport", "dev.brigade"),
                        SCHEDULING,
                        "dev.brigade.runner.Leaf leaf;"),
                new Rule("scheduling is pure", isPure(), SCHEDULING, "long m() { return System.nanoTime(); }"),
                new Rule(
                        "connection",
                        roomWithLibraries(
                                CONNECTION, SCHEDULING, PROTOCOL, OS, THREADS, "dev.brigade.transport", "dev.brigade"),
                        CONNECTION,
                        "dev.brigade.runner.Leaf leaf;"),
                new Rule(
                        "worker",
                        roomWithLibraries(
                                WORKER,
                                PROTOCOL,
                                OS,
                                THREADS,
                                CONTEXT,
                                "dev.brigade.transport",
                                "dev.brigade.engine",
                                "dev.brigade.spi",
                                "dev.brigade"),
                        WORKER,
                        "dev.brigade.runner.Leaf leaf;"),
                new Rule(
                        "process",
                        roomWithLibraries(
                                PROCESS,
                                CONFIG,
                                OS,
                                PROTOCOL,
                                LAUNCH,
                                SCHEDULING,
                                CONNECTION,
                                WORKER,
                                THREADS,
                                "dev.brigade.transport",
                                "dev.brigade.spi",
                                "dev.brigade"),
                        PROCESS,
                        "dev.brigade.runner.Leaf leaf;"),
                new Rule(
                        "runner",
                        roomWithLibraries("dev.brigade.runner", ROOMS),
                        "dev.brigade.runner",
                        "org.junit.jupiter.api.Test test;"),
                new Rule("no other rooms", classes().should().resideInAnyPackage(ROOMS), "dev.brigade.util", ""),
                new Rule(
                        "no cycles",
                        slices().matching("dev.(**)").should().beFreeOfCycles(),
                        "dev.brigade",
                        "dev.brigade.runner.Leaf leaf;"),
                new Rule("no common pool", noCommonPool(), "dev.brigade.runner", "void m(Process p) { p.onExit(); }"),
                new Rule(
                        "no default executor",
                        noCommonPool(),
                        "dev.brigade.engine",
                        "void m(Runnable r) { java.util.concurrent.CompletableFuture.runAsync(r); }"),
                new Rule(
                        "no default executor behind a reference",
                        noCommonPool(),
                        "dev.brigade.engine",
                        "java.util.function.Function<Runnable, Object> m() {"
                                + " return java.util.concurrent.CompletableFuture::runAsync; }"),
                new Rule(
                        "no thread that inherits",
                        noThreadThatInherits(),
                        "dev.brigade.runner",
                        "Thread m(Runnable r) { return new Thread(r); }"),
                new Rule(
                        "no thread that inherits behind a reference",
                        noThreadThatInherits(),
                        "dev.brigade.engine",
                        "java.util.concurrent.ThreadFactory m() { return Thread::new; }"),
                publicly("parameters", "void m(java.util.List<%s<?>> list) {}"),
                publicly("results", "%s<?>[] m() { return null; }"),
                publicly("fields", "%s<?> field;"),
                publicly("bounds", "<T extends %s<?>> void m() {}"),
                publicly("supertypes", "abstract static class Nested extends %s<String> {}"));
    }

    /** Returns the rule that public signatures name no library, broken by a public member; {@code %s} stands for a class of Guava. */
    private static Rule publicly(String where, String member) {
        String members = "public " + member.formatted("com.google.common.collect.ForwardingList");
        return new Rule("no library in public " + where, publicSignatures(), "dev.brigade", members);
    }

    @BeforeAll
    static void compileWhatBreaksTheRules(@TempDir Path directory) throws IOException {
        write(directory, "Root", "package dev.brigade; public class Root {}");
        write(directory, "Leaf", "package dev.brigade.runner; public class Leaf { dev.brigade.Root root; }");
        for (Rule rule : rules().toList()) {
            write(directory, rule.breaker(), rule.source());
        }
        broken = compile(directory);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rules")
    void isKept(Rule rule) {
        rule.kept.check(LIBRARY);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rules")
    void canFail(Rule rule) {
        AssertionError error = assertThrows(AssertionError.class, () -> rule.kept.check(broken));
        assertTrue(String.valueOf(error.getMessage()).contains(rule.breaker()), error::toString);
    }

    private static void write(Path directory, String name, String source) throws IOException {
        Files.writeString(directory.resolve(name + ".java"), source);
    }

    private static JavaClasses compile(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            Stream<String> options = Stream.of("-proc:none", "-d", directory.toString());
            String[] arguments =
                    Stream.concat(options, files.map(Path::toString)).toArray(String[]::new);
            int exit = ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments);
            assertEquals(0, exit, "the compiler's exit code");
        }
        return new ClassFileImporter().importPath(directory);
    }

    private static ArchRule roomWithLibraries(String room, String... mayUse) {
        Stream<String> libraries =
                Stream.of("java..", "javax..", "jdk..", "org.jspecify..", "org.slf4j..", "com.google..");
        return room(room, Stream.concat(Stream.of(mayUse), libraries).toArray(String[]::new));
    }

    private static ArchRule room(String room, String... mayUse) {
        String[] packages = Stream.concat(Stream.of(room), Stream.of(mayUse)).toArray(String[]::new);
        return classes()
                .that()
                .resideInAPackage(room)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(packages);
    }

    private static ArchRule publicSignatures() {
        return classes()
                .that()
                .resideInAnyPackage(ExportedTypesTest.PACKAGES.toArray(String[]::new))
                .and(describe("are visible to users", ArchitectureTest::isVisible))
                .should(new ArchCondition<>("name only the JDK, JSpecify and what is exported in their signatures") {
                    @Override
                    public void check(JavaClass owner, ConditionEvents events) {
                        signature(owner)
                                .flatMap(type -> type.getAllInvolvedRawTypes().stream())
                                .map(JavaClass::getBaseComponentType)
                                .filter(type -> !isExported(type))
                                .forEach(type -> events.add(SimpleConditionEvent.violated(
                                        owner, owner.getName() + " names " + type.getName())));
                    }
                });
    }

    /**
     * Forbids the common pool: it may stay busy for ever, and a task that occupies it may wait for the very event that it would deliver.
     */
    private static ArchRule noCommonPool() {
        return classes().should(new ArchCondition<>("not have anything done on the common pool") {
            @Override
            public void check(JavaClass owner, ConditionEvents events) {
                Stream.concat(owner.getMethodCallsFromSelf().stream(), owner.getMethodReferencesFromSelf().stream())
                        .filter(access -> isOnCommonPool(access.getTarget()))
                        .forEach(access -> events.add(SimpleConditionEvent.violated(owner, access.getDescription())));
            }
        });
    }

    /**
     * Requires OwnThreads to make the threads of the application's JVM, so that they inherit nothing. A worker's JVM belongs to the worker.
     */
    private static ArchRule noThreadThatInherits() {
        return classes().should(new ArchCondition<>("have their threads made by OwnThreads") {
            @Override
            public void check(JavaClass owner, ConditionEvents events) {
                if (MAKE_THREADS.contains(owner.getName())) {
                    return;
                }
                Stream.concat(
                                owner.getConstructorCallsFromSelf().stream(),
                                owner.getConstructorReferencesFromSelf().stream())
                        .filter(access -> access.getTargetOwner().isEquivalentTo(Thread.class))
                        .forEach(access -> events.add(SimpleConditionEvent.violated(owner, access.getDescription())));
            }
        });
    }

    /**
     * Requires the scheduling room to start no thread, open no file and read no clock, because a simulation runs it. Methods named
     * {@code await*} may read the clock, since a caller waits in them.
     */
    private static ArchRule isPure() {
        return noClasses()
                .that()
                .resideInAPackage(SCHEDULING)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.io..", "java.nio.file..", "java.nio.channels..", "java.net..", "java.util.random..")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Thread.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Process.class)
                .orShould(new ArchCondition<>("read a clock") {
                    @Override
                    public void check(JavaClass owner, ConditionEvents events) {
                        owner.getMethodCallsFromSelf().stream()
                                .filter(call -> call.getTarget().getOwner().isEquivalentTo(System.class))
                                .filter(call -> call.getName().equals("nanoTime")
                                        || call.getName().equals("currentTimeMillis"))
                                .filter(call -> !call.getOrigin().getName().startsWith("await"))
                                .forEach(call ->
                                        events.add(SimpleConditionEvent.satisfied(owner, call.getDescription())));
                    }
                });
    }

    private static boolean isOnCommonPool(CodeUnitAccessTarget called) {
        String name = called.getName();
        JavaClass owner = called.getOwner();
        if (owner.isAssignableTo(Process.class) || owner.isAssignableTo(ProcessHandle.class)) {
            return name.equals("onExit");
        }
        if (owner.isAssignableTo(CompletionStage.class) || owner.isAssignableTo(CompletableFuture.class)) {
            boolean chooses =
                    called.getRawParameterTypes().stream().anyMatch(type -> type.isEquivalentTo(Executor.class));
            boolean takesOne = name.endsWith("Async") || name.equals("delayedExecutor");
            return COMMON_POOL_STAGES.contains(name) || (takesOne && !chooses);
        }
        return COMMON_POOL_ELSEWHERE.contains(name);
    }

    private static boolean isVisible(JavaClass type) {
        return isVisible((HasModifiers) type)
                && type.getEnclosingClass().map(ArchitectureTest::isVisible).orElse(true);
    }

    private static boolean isVisible(HasModifiers element) {
        return element.getModifiers().contains(JavaModifier.PUBLIC)
                || element.getModifiers().contains(JavaModifier.PROTECTED);
    }

    private static boolean isExported(JavaClass type) {
        String name = type.getPackageName();
        return type.isPrimitive() || name.startsWith("java.") || ExportedTypesTest.PACKAGES.contains(name);
    }

    private static Stream<JavaType> signature(JavaClass owner) {
        Stream<JavaType> supertypes = Stream.concat(owner.getSuperclass().stream(), owner.getInterfaces().stream());
        Stream<JavaType> fields =
                owner.getFields().stream().filter(ArchitectureTest::isVisible).map(field -> field.getType());
        Stream<JavaType> methods = owner.getCodeUnits().stream()
                .filter(ArchitectureTest::isVisible)
                .flatMap(ArchitectureTest::signature);
        return Stream.of(supertypes, owner.getTypeParameters().stream(), fields, methods)
                .flatMap(all -> all);
    }

    private static Stream<JavaType> signature(JavaCodeUnit method) {
        return Stream.<Collection<? extends JavaType>>of(
                        method.getParameterTypes(),
                        List.of(method.getReturnType()),
                        method.getTypeParameters(),
                        method.getThrowsClause().getTypes())
                .flatMap(Collection::stream);
    }
}
