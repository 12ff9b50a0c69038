/**
 * The types of user code: a {@link dev.brigade.Task} or a {@link dev.brigade.TaskFunction}, given to a
 * {@link dev.brigade.Runner}, ends in {@link dev.brigade.Outcome}s.
 *
 * <p>The runners themselves are in {@code dev.brigade.runner}. A reference is never null unless it is annotated so. Type
 * variables may stand for nullable types: inputs and results may be null everywhere.
 */
@NullMarked
package dev.brigade;

import org.jspecify.annotations.NullMarked;
