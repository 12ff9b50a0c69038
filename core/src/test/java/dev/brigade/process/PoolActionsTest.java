package dev.brigade.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PoolActionsTest {
    @Test
    void oneThatFailsKeepsNoOtherFromBeingDone() {
        List<String> done = new ArrayList<>();
        PoolActions effects = new PoolActions();
        effects.add(() -> done.add("before"));
        effects.add(() -> {
            throw new OutOfMemoryError("no thread is left");
        });
        effects.add(() -> done.add("after"));
        effects.perform();
        assertEquals(List.of("before", "after"), done);
    }
}
