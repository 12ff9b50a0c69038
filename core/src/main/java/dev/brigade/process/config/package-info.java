/**
 * The settings of a pool, as plain values; the builder of the runner has checked them.
 *
 * <p>Uses only {@code dev.brigade}. Invariant: immutable.
 */
@NullMarked
package dev.brigade.process.config;

import org.jspecify.annotations.NullMarked;
