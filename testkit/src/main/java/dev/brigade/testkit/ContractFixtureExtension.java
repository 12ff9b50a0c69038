package dev.brigade.testkit;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.opentest4j.TestAbortedException;

/** Gives each test its {@link ContractFixture}, and interrupts a test that takes far too long. */
public final class ContractFixtureExtension implements ParameterResolver, InvocationInterceptor {
    /** The configuration parameter for the longest time that tests wait, in milliseconds. */
    public static final String PATIENCE = "brigade.testkit.patience";

    private static final ExtensionContext.Namespace SPACE =
            ExtensionContext.Namespace.create(ContractFixtureExtension.class);

    /** The waits that a test may need, one after the other. */
    private static final int WAITS_IN_A_TEST = 4;

    /** For JUnit. */
    public ContractFixtureExtension() {}

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == ContractFixture.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Contract contract = (Contract) context.getRequiredTestInstance();
        RunnerCache spare = ofItsClass(context).getStore(SPACE).getOrComputeIfAbsent(RunnerCache.class);
        return context.getStore(SPACE)
                .getOrComputeIfAbsent(
                        ContractFixture.class,
                        type -> new ContractFixture(contract, patience(context), spare),
                        ContractFixture.class);
    }

    private static ExtensionContext ofItsClass(ExtensionContext context) {
        ExtensionContext outer = context;
        while (outer.getTestMethod().isPresent()) {
            outer = outer.getParent().orElseThrow();
        }
        return outer;
    }

    private static Duration patience(ExtensionContext context) {
        return Duration.ofMillis(
                context.getConfigurationParameter(PATIENCE, Long::valueOf).orElse(20_000L));
    }

    @Override
    public void interceptTestMethod(
            Invocation<@Nullable Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        proceed(invocation, context);
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<@Nullable Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        proceed(invocation, context);
    }

    /** Makes the runner before the test begins: if that is not supported, the test is skipped. */
    private static void proceed(Invocation<@Nullable Void> invocation, ExtensionContext context) throws Throwable {
        ContractFixture fixture = context.getStore(SPACE).get(ContractFixture.class, ContractFixture.class);
        if (fixture == null) {
            invocation.proceed();
            return;
        }
        var unused = fixture.runner();
        try {
            proceedInTime(invocation, fixture.patience().multipliedBy(WAITS_IN_A_TEST));
        } catch (TestAbortedException skipped) {
            fixture.passed();
            throw skipped;
        }
        fixture.passed();
    }

    private static void proceedInTime(Invocation<@Nullable Void> invocation, Duration atMost) throws Throwable {
        AtomicReference<@Nullable String> dump = new AtomicReference<>();
        ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(ContractFixture::daemon);
        Thread test = Thread.currentThread();
        var unused = watch.schedule(
                () -> {
                    dump.set(stacks());
                    test.interrupt();
                },
                atMost.toNanos(),
                TimeUnit.NANOSECONDS);
        try {
            invocation.proceed();
        } catch (Throwable t) {
            String stacks = dump.get();
            throw stacks == null ? t : new AssertionError("not done after " + atMost + "\n" + stacks, t);
        } finally {
            watch.shutdownNow();
            var ignored = Thread.interrupted();
        }
    }

    private static String stacks() {
        StringBuilder text = new StringBuilder();
        for (Map.Entry<Thread, StackTraceElement[]> one :
                Thread.getAllStackTraces().entrySet()) {
            text.append(one.getKey().getName()).append('\n');
            for (StackTraceElement frame : one.getValue()) {
                text.append("    at ").append(frame).append('\n');
            }
        }
        return text.toString();
    }
}
