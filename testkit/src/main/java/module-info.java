/**
 * The contract that every runner keeps, as JUnit 5 tests to be run on any runner.
 *
 * <p>Begin with {@link dev.brigade.testkit.RunnerContract}.
 *
 * @provides dev.brigade.ContextPropagator one that the tests themselves use, and that carries nothing unless they do
 */
module dev.brigade.testkit {
    requires static transitive org.jspecify;
    requires org.slf4j;
    requires transitive dev.brigade.core;
    requires transitive org.junit.jupiter.api;
    requires transitive org.junit.jupiter.params;

    exports dev.brigade.testkit;

    opens dev.brigade.testkit to
            org.junit.platform.commons;

    provides dev.brigade.ContextPropagator with
            dev.brigade.testkit.CarriedContext;
}
