/** Tests of the timelines: by outcomes made by hand, by real runs, and in a browser. */
@NullMarked
package dev.brigade.timeline;

import org.jspecify.annotations.NullMarked;
