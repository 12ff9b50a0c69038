/** The runners: sequential, threads, async, processes. Each is little more than its options and its backend. */
@NullMarked
package dev.brigade.runner;

import org.jspecify.annotations.NullMarked;
