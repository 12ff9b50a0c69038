/**
 * The operating system's side of child processes: directories, descriptors, descendants, output. Used by the parent and by workers.
 *
 * <p>Uses only the JDK and SLF4J. Invariant: nothing here knows what a task or a pool is.
 */
@NullMarked
package dev.brigade.process.os;

import org.jspecify.annotations.NullMarked;
