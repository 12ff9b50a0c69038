/**
 * The runners: one way of writing a task, many ways of running it.
 *
 * <p>{@link dev.brigade} has the types of user code, and {@link dev.brigade.runner} the runners. {@link dev.brigade.spi} has the
 * interface of a new way of running, {@link dev.brigade.engine} the runner that is made of an implementation. {@link
 * dev.brigade.transport} encodes tasks for other processes.
 *
 * @uses dev.brigade.ContextPropagator to find the propagators of the context that is sent with a task
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
