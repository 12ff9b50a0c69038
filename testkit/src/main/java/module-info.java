/**
 * The contract that every runner keeps, as JUnit 5 tests to be run on any runner.
 *
 * <p>Begin with {@link dev.brigade.testkit.RunnerContract}.
 *
 * @provides dev.brigade.ContextPropagator a propagator for the tests, which carries nothing unless a test sets a value
 */
module dev.brigade.testkit {
    requires static transitive org.jspecify;
    requires org.slf4j;
    requires transitive dev.brigade.core;
    requires transitive org.junit.jupiter.api;
    requires transitive org.junit.jupiter.params;

    exports dev.brigade.testkit;

    // Open to core, so that it can name the field that cannot be serialized.
    opens dev.brigade.testkit to
            dev.brigade.core,
            org.junit.platform.commons;

    provides dev.brigade.ContextPropagator with
            dev.brigade.testkit.CarriedContext;
}
