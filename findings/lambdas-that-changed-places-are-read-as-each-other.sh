#!/usr/bin/env bash
# A serialized lambda is found again by a name made of variables' names and a counter, never by what it does.
#
# One would guess: two builds of one class exchange lambdas, or reading one fails, as for a class whose serialVersionUID changed.
# What happens: javac names a serializable lambda by a hash of the enclosing method's signature, the functional interface, the variable
#   that it is assigned to and the names of the variables that it captures, and by a counter among equals. So between two builds:
#   a captured variable that was renamed  -> IllegalArgumentException: Invalid lambda deserialization
#   a body that was changed               -> the reader's body runs, and no error
#   two lambdas of one hash that were swapped -> each is read as the other, and no error, though nothing else was edited
#   Only a capturing class that is Serializable itself is compared by its serialVersionUID, and then a changed one refuses the lambda;
#   the default one does not change with a lambda's body, as private synthetic methods are not part of it.
# Source: the Javadoc of SerializedLambda promises nothing between builds; that it is silent was seen with OpenJDK 17.0.15 and Temurin
#   25.0.3, 2026-11-30.
# Why it matters to pools: parent and worker may have different builds of a jar (a rolling update, a jar replaced under a running
#   parent, a cluster): renaming a local variable breaks tasks, and worse edits run other code in silence.
set -euo pipefail
bin=${JAVA_HOME:+$JAVA_HOME/bin/}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Writes the class as build $1, with $2 after its name and the statements $3 in its method.
build() {
    mkdir -p "$folder/$1"
    cat >"$folder/$1/Tasks.java" <<JAVA
import java.io.*;
import java.util.function.Supplier;

public class Tasks $2

    interface Task extends Supplier<String>, Serializable {}

    static Task[] tasks(String given) {
        $3
    }

    public static void main(String[] args) throws Exception {
        if (args[0].equals("write")) {
            try (ObjectOutputStream out = new ObjectOutputStream(new FileOutputStream(args[1]))) {
                out.writeObject(tasks("x")[0]);
            }
            return;
        }
        try (ObjectInputStream in = new ObjectInputStream(new FileInputStream(args[1]))) {
            System.out.println(((Task) in.readObject()).get());
        } catch (Exception e) {
            Throwable root = e;
            while (root.getCause() != null) {
                root = root.getCause();
            }
            System.out.println(root.getMessage().replaceFirst(".*local class incompatible.*", "local class incompatible"));
        }
    }
}
JAVA
    "${bin}javac" -Xlint:-serial -d "$folder/$1" "$folder/$1/Tasks.java"
}
add='String key = given; return new Task[] {() -> "add " + key, () -> "delete " + key};'
swapped='String key = given; return new Task[] {() -> "delete " + key, () -> "add " + key};'
build first '{' "$add"
build renamed '{' 'String name = given; return new Task[] {() -> "add " + name, () -> "delete " + name};'
build changed '{' 'String key = given; return new Task[] {() -> "drop " + key, () -> "delete " + key};'
build swapped '{' "$swapped"
build serializable 'implements Serializable {' "$add"
build serializable-swapped 'implements Serializable {' "$swapped"
build numbered 'implements Serializable { static final long serialVersionUID = 2;' "$swapped"
"${bin}java" -version 2>&1 | head -n 1
failures=0
# Has build $2 read what build $1 wrote, and compares with $3.
reads() {
    "${bin}java" -cp "$folder/$1" Tasks write "$folder/task"
    local out
    out=$("${bin}java" -cp "$folder/$2" Tasks read "$folder/task")
    echo "'add x' of the build '$1', read by '$2': $out"
    [[ "$out" == "$3" ]] || { echo "CHANGED; was: $3" >&2; failures=1; }
}
reads first first 'add x'
reads first renamed 'Invalid lambda deserialization'
reads first changed 'drop x'
reads first swapped 'delete x'
reads serializable serializable-swapped 'delete x'
reads serializable numbered 'local class incompatible'
exit $failures
