package dev.brigade.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The rule of the contract that a test proves; rules are numbered as in {@code docs/contract.md}. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Rule {
    /** The number of rules. */
    int COUNT = 24;

    /**
     * Returns the rule.
     *
     * @return its number, 1 to {@value #COUNT}
     */
    int value();
}
