/** Tests of the lessons and of their launcher, in this JVM and as the packaged jar. */
@NullMarked
package dev.brigade.examples;

import org.jspecify.annotations.NullMarked;
