package dev.brigade.stress;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Names the outcomes that a run of this jcstress test has to show at least once.
 *
 * <p>jcstress itself never fails on an interesting outcome, seen or not. A broken form that shows nothing proves
 * nothing: the fixed form beside it then passes for no reason. The check asks for "at least once", never for a share,
 * because shares differ a hundredfold between machines and runs.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface MustObserve {
    /** Regular expressions over outcomes, as in {@code @Outcome(id = …)}; each must match an outcome that was seen. */
    String[] value();
}
