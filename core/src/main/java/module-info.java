/**
 * The runners: one way of writing a task, many ways of running it.
 *
 * <p>{@link dev.brigade} has the words, {@link dev.brigade.runner} the ways of running, {@link dev.brigade.spi} what a new one
 * implements, {@link dev.brigade.engine} the runner that is made of it, {@link dev.brigade.transport} how a task crosses to another
 * process.
 *
 * @uses dev.brigade.ContextPropagator to find whose context travels with a task
 */
module dev.brigade.core {
    requires com.google.common;
    requires java.management;
    requires jdk.jfr;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports dev.brigade;
    exports dev.brigade.engine;
    exports dev.brigade.runner;
    exports dev.brigade.spi;
    exports dev.brigade.transport;

    uses dev.brigade.ContextPropagator;
}
