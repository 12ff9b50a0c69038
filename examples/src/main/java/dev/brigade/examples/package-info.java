/**
 * Lessons in concurrency, each a small main, behind one launcher; and {@code digest}, which puts them to use.
 *
 * <p>Begin with {@link dev.brigade.examples.Base}. {@link dev.brigade.examples.Lesson}, {@link dev.brigade.examples.Race} and
 * {@link dev.brigade.examples.Report} hold what all of them share: options, the clock, and the printing.
 */
@NullMarked
package dev.brigade.examples;

import org.jspecify.annotations.NullMarked;
