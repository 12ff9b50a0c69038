/**
 * The runners: one way of writing a task, many ways of running it.
 *
 * <p>{@link dev.brigade} has the words, {@link dev.brigade.engine} what a new way of running implements.
 *
 * @uses dev.brigade.ContextPropagator to find whose context travels with a task
 */
module dev.brigade.core {
    requires com.google.common;
    requires jdk.jfr;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports dev.brigade;
    exports dev.brigade.engine;

    uses dev.brigade.ContextPropagator;
}
