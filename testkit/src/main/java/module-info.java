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

    // To core, so that it can name the field that keeps something from being serialized.
    opens dev.brigade.testkit to
            dev.brigade.core,
            org.junit.platform.commons;

    provides dev.brigade.ContextPropagator with
            dev.brigade.testkit.CarriedContext;
}
