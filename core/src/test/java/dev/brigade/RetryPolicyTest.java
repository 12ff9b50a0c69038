package dev.brigade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RetryPolicyTest {
    @Test
    void theNumberCountsAttemptsAndNotRetries() {
        RetryPolicy policy = RetryPolicy.ofMaxAttempts(3);
        assertTrue(policy.retries(2, new IOException()));
        assertFalse(policy.retries(3, new IOException()));
        assertEquals(Duration.ZERO, policy.delayAfter(1));
    }

    @Test
    void theDelayGrowsToItsBound() {
        RetryPolicy policy = RetryPolicy.builder()
                .backoff(Duration.ofMillis(100), 2, Duration.ofMillis(300))
                .build();
        assertEquals(Duration.ofMillis(100), policy.delayAfter(1));
        assertEquals(Duration.ofMillis(200), policy.delayAfter(2));
        assertEquals(Duration.ofMillis(300), policy.delayAfter(3));
    }

    @Test
    void whatAbortsIsAskedBeforeWhatRetries() {
        RetryPolicy policy = RetryPolicy.builder()
                .abortOn(FileNotFoundException.class)
                .retryOn(IOException.class)
                .build();
        assertTrue(policy.retries(1, new IOException()));
        assertFalse(policy.retries(1, new FileNotFoundException()));
        assertFalse(policy.retries(1, new IllegalStateException()));
    }

    @Test
    void whatAbortsIsTheSumOfAllThatWasNamed() {
        RetryPolicy policy = RetryPolicy.builder()
                .abortOn(FileNotFoundException.class)
                .abortIf(failure -> "no".equals(failure.getMessage()))
                .build();
        assertFalse(policy.retries(1, new FileNotFoundException()));
        assertFalse(policy.retries(1, new IOException("no")));
        assertTrue(policy.retries(1, new IOException("yes")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-1S", "P36501D"})
    void aLongestDurationOutsideItsBoundsIsNamed(String time) {
        RetryPolicy.Builder builder = RetryPolicy.builder();
        Duration duration = Duration.parse(time);
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> builder.maxDuration(duration));
        assertEquals("maxDuration must be more than 0 s and at most PT876000H, was " + duration, refused.getMessage());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 1_000_001})
    void aNumberOfAttemptsOutsideItsBoundsIsNamed(int attempts) {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> RetryPolicy.ofMaxAttempts(attempts));
        assertEquals("maxAttempts must be between 1 and 1000000 attempts, was " + attempts, refused.getMessage());
    }
}
