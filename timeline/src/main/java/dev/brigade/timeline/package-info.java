/**
 * Pictures of what ran when: record runs with {@link dev.brigade.timeline.Recorder}, look at them as text, as a page, or in a
 * trace viewer.
 */
@NullMarked
package dev.brigade.timeline;

import org.jspecify.annotations.NullMarked;
