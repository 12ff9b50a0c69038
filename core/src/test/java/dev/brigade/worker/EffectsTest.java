package dev.brigade.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class EffectsTest {
    @Test
    void oneThatFailsKeepsNoOtherFromBeingDone() {
        List<String> done = new ArrayList<>();
        Effects effects = new Effects();
        effects.add(() -> done.add("before"));
        effects.add(() -> {
            throw new OutOfMemoryError("no thread is left");
        });
        effects.add(() -> done.add("after"));
        effects.perform();
        assertEquals(List.of("before", "after"), done);
    }
}
