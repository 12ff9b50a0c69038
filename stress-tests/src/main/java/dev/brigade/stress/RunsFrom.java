package dev.brigade.stress;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The shortest form of a run that this jcstress test, or each one nested in this class, takes part in; every form otherwise. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface RunsFrom {
    /** The first form that runs it; longer forms do too. */
    StressForm value();

    /** Why shorter forms leave it out. */
    String because();
}
