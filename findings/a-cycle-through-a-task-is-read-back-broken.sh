#!/usr/bin/env bash
# An object graph that leads from a task back to the task is read back without an error, and with something else in the task's place.
#
# One would guess: Java serialization keeps cycles, or fails where it cannot.
# What happens: while the task is being read it has no object yet that the way back could refer to.
#   A lambda is a SerializedLambda until its readResolve has run: the way back keeps that, in a field of type Object, a list, a map
#   or an array, and only a field of the task's own type notices, with a ClassCastException.
#   A record has no object until its constructor has run: the way back is null.
#   An ordinary class that implements the task's interface comes back whole.
# Source: for records the Java Object Serialization Specification 1.13 says so; for lambdas nothing was found that does. Seen with
#   OpenJDK 17.0.15 and Temurin 25.0.3, 2026-11-30.
# Why it matters to pools: a task that captures a context in which it is registered (a listener, a cache of tasks) runs in
#   another JVM with a context that no longer holds it; nothing is logged.
set -euo pipefail
bin=${JAVA_HOME:+$JAVA_HOME/bin/}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/Cycle.java" <<'JAVA'
import java.io.*;
import java.util.*;
import java.util.function.Supplier;

public class Cycle {
    interface Task extends Supplier<Object>, Serializable {}

    static class Context implements Serializable {
        Object field;
        Task typed;
        final List<Object> list = new ArrayList<>();
    }

    record Recorded(Context context) implements Task {
        public Object get() { return context.field; }
    }

    static class Ordinary implements Task {
        final Context context;

        Ordinary(Context context) { this.context = context; }

        public Object get() { return context.field; }
    }

    public static void main(String[] args) throws Exception {
        Context field = new Context();
        Task lambda = () -> field.field;
        field.field = lambda;
        System.out.println("lambda in a field: " + wayBack(lambda));
        Context list = new Context();
        Task listed = () -> list.list.get(0);
        list.list.add(listed);
        System.out.println("lambda in a list: " + wayBack(listed));
        Context typed = new Context();
        Task ofType = () -> typed.typed;
        typed.typed = ofType;
        System.out.println("lambda in a field of its type: " + wayBack(ofType));
        Context ofRecord = new Context();
        ofRecord.field = new Recorded(ofRecord);
        System.out.println("record: " + wayBack((Task) ofRecord.field));
        Context ofClass = new Context();
        ofClass.field = new Ordinary(ofClass);
        System.out.println("class: " + wayBack((Task) ofClass.field));
    }

    static String wayBack(Task task) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(task);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            Task copy = (Task) in.readObject();
            Object found = copy.get();
            return found == copy ? "the task" : found == null ? "null" : found.getClass().getSimpleName();
        } catch (ClassCastException e) {
            return "ClassCastException";
        }
    }
}
JAVA
"${bin}java" -version 2>&1 | head -n 1
out=$("${bin}java" "$folder/Cycle.java")
echo "$out"
[[ "$out" == 'lambda in a field: SerializedLambda
lambda in a list: SerializedLambda
lambda in a field of its type: ClassCastException
record: null
class: the task' ]] || { echo 'CHANGED' >&2; exit 1; }
