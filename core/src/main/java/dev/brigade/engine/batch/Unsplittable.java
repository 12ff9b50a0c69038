package dev.brigade.engine.batch;

import java.util.Iterator;
import java.util.Spliterator;
import java.util.Spliterators.AbstractSpliterator;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An iterator's elements, one after the other even in a parallel stream. If it were split, such a stream would pull ahead in chunks. */
final class Unsplittable<T> extends AbstractSpliterator<T> {
    private final Iterator<T> elements;

    Unsplittable(Iterator<T> elements) {
        super(Long.MAX_VALUE, Spliterator.ORDERED | Spliterator.NONNULL);
        this.elements = elements;
    }

    @Override
    public boolean tryAdvance(Consumer<? super T> action) {
        if (!elements.hasNext()) {
            return false;
        }
        action.accept(elements.next());
        return true;
    }

    @Override
    public @Nullable Spliterator<T> trySplit() {
        return null;
    }
}
