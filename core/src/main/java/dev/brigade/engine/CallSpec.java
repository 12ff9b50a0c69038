package dev.brigade.engine;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What is the same for all tasks of one call; a strategy that transports sends it once, with the function.
 *
 * @param name the call's name for logs and records, perhaps empty
 * @param limit how many bodies of this call run at once, at most: the smaller of the caller's wish and the strategy's limit
 * @param taskTimeout how long one attempt may take; empty when there is no limit. The engine runs the clock; a strategy only
 *     passes this on, for {@link dev.brigade.TaskContext#remaining()} in another process
 * @param context the caller's context by propagator name (the MDC among them), to be bound around each body
 */
public record CallSpec(
        String name, int limit, Optional<Duration> taskTimeout, Map<String, Map<String, String>> context) {}
