package dev.brigade.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Which rule of the contract a test proves; they are numbered as in {@code docs/contract.md}. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Rule {
    /** How many rules there are. */
    int COUNT = 24;

    /**
     * The rule.
     *
     * @return its number, 1 to {@value #COUNT}
     */
    int value();
}
