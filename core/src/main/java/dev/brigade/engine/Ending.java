package dev.brigade.engine;

import dev.brigade.Timing;
import org.jspecify.annotations.Nullable;

/** What is known of an item's bodies once it has settled. */
record Ending(Timing timing, int attempts, @Nullable String worker) {}
