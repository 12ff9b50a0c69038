/**
 * Command line, environment and class archive of a worker's JVM.
 *
 * <p>Uses {@code config}, {@code os} and {@code protocol}. Invariant: knows the child's main classes by their {@code Class} objects only, and no other
 * code of the child's side.
 */
@NullMarked
package dev.brigade.process.launch;

import org.jspecify.annotations.NullMarked;
