#!/usr/bin/env bash
# Of two serializable method references to one inherited method, written in one class, the second is read back as the first.
#
# One would guess: SerializedLambda records instantiatedMethodType, so Dog::name and Cat::name, both of Animal.name(), come back as
#   what they were; or reading one fails.
# What happens: where the compiler names Animal as the implementing class, the $deserializeLambda$ method that it writes compares
#   interface, method and implementing class, and not the instantiated type. The first reference in the class answers for both: it
#   is read without an error, and a Cat given to it ends in a ClassCastException that names Dog. javac 17 and 25 (--release 17) and
#   ecj 3.40.0 do so alike; each reference by itself is right, and a lambda (d -> d.name()) is right as well.
# Source: JDK-8208752; seen with OpenJDK 17.0.15, Temurin 25.0.3 and ecj 3.40.0, 2026-11-30.
# Why it matters to pools: map(dogs, Animal::name) and map(cats, Animal::name) in one class work on threads, and fail on the second
#   in another JVM, with a message that points at the user's types.
set -euo pipefail
bin=${JAVA_HOME:+$JAVA_HOME/bin/}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mvn -q dependency:copy -Dartifact=org.eclipse.jdt:ecj:3.40.0 -DoutputDirectory="$folder" -Dmdep.useBaseVersion=true >"$folder/mvn.log" 2>&1 ||
    { cat "$folder/mvn.log"; exit 1; }
cat >"$folder/Collide.java" <<'JAVA'
import java.io.*;
import java.util.function.Function;

public class Collide {
    interface Namer<T> extends Function<T, String>, Serializable {}

    static class Animal {
        public String name() {
            return "a " + getClass().getSimpleName();
        }
    }

    static class Dog extends Animal {}

    static class Cat extends Animal {}

    public static void main(String[] args) throws Exception {
        Namer<Dog> dogs = Animal::name;
        Namer<Cat> cats = Animal::name;
        Namer<Cat> lambda = cat -> cat.name();
        System.out.println(dogs.apply(new Dog()) + ", " + cats.apply(new Cat()) + "; read back: "
                + apply(copy(dogs), new Dog()) + ", " + apply(copy(cats), new Cat()) + ", lambda " + apply(copy(lambda), new Cat()));
    }

    static <T> String apply(Namer<T> namer, T animal) {
        try {
            return namer.apply(animal);
        } catch (ClassCastException e) {
            return e.getMessage().replaceFirst(" \\(.*", "");
        }
    }

    @SuppressWarnings("unchecked")
    static <T> T copy(T value) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(value);
        }
        return (T) new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
    }
}
JAVA
"${bin}java" -version 2>&1 | head -n 1
wanted='a Dog, a Cat; read back: a Dog, class Collide$Cat cannot be cast to class Collide$Dog, lambda a Cat'
failures=0
for compiler in "${bin}javac" "${bin}java -jar $folder/ecj-3.40.0.jar -nowarn"; do
    rm -rf "$folder/classes"
    $compiler --release 17 -d "$folder/classes" "$folder/Collide.java"
    out=$("${bin}java" -cp "$folder/classes" Collide)
    echo "${compiler##*/}: $out"
    [[ "$out" == "$wanted" ]] || { echo "CHANGED; was: $wanted" >&2; failures=1; }
done
exit $failures
