/**
 * The costs of Brigade beside those of its alternatives.
 *
 * <p>A <em>comparison</em> measures one thing of several <em>peers</em>, in turns, in a JVM of its own with a time limit. It writes
 * each sample down as it comes, so that what was measured before a comparison died is kept, and the rest is reported as failed.
 */
package dev.brigade.benchmarks;
