package dev.brigade.faults;

import dev.brigade.TaskFunction;
import java.io.IOException;
import java.io.ObjectInputStream;

/** A function that halts its process when it is decoded. */
public final class DiesWhenDecoded implements TaskFunction<Integer, Integer> {
    private static final long serialVersionUID = 1L;

    @Override
    public Integer apply(Integer n) {
        return n;
    }

    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
        in.defaultReadObject();
        Runtime.getRuntime().halt(5);
    }
}
