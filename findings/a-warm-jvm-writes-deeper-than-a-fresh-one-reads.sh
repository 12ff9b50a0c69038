#!/usr/bin/env bash
# How deep an object graph may be depends on how long the JVM has run: what a warm one writes a fresh one cannot read.
#
# One would guess: the depth that Java serialization bears follows from the stack's size, so with one -Xss on both sides a graph that can
#   be written can be read.
# What happens: compiled frames of the recursion are about a third of interpreted ones. With the default stack a chain of 2 000 objects
#   overflows a fresh JVM that writes it and a fresh JVM that reads it. After some thousand small writes the same JVM writes it,
#   and after some thousand small reads another one reads it; seen limits: about 1 000 fresh, 2 400 to 2 800 warm reading, 3 300 to
#   3 700 warm writing. The one who reads is always behind the one who writes.
# Source: no document found; seen with OpenJDK 17.0.15 and Temurin 25.0.3 on x86-64 Linux, 2026-11-30.
# Why it matters to pools: a parent that has run for an hour sends linked structures that its old workers read, and that a worker
#   started a moment ago does not: a StackOverflowError that comes and goes with recycling. Tests with fresh JVMs never see it.
set -euo pipefail
bin=${JAVA_HOME:+$JAVA_HOME/bin/}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/Depth.java" <<'JAVA'
import java.io.*;
import java.nio.file.*;

public class Depth {
    static class Link implements Serializable {
        Link next;
    }

    public static void main(String[] args) throws Exception {
        Path file = Path.of(args[2]);
        boolean writing = args[0].equals("write");
        if (args[1].equals("warm")) {
            byte[] small = write(100);
            for (int i = 0; i < 20_000; i++) {
                if (writing) {
                    write(100);
                } else {
                    read(small);
                }
            }
        }
        try {
            if (writing) {
                Files.write(file, write(2_000));
            } else {
                read(Files.readAllBytes(file));
            }
            System.out.println("done");
        } catch (StackOverflowError e) {
            System.out.println("StackOverflowError");
        }
    }

    static byte[] write(int links) throws IOException {
        Link chain = null;
        for (int i = 0; i < links; i++) {
            Link link = new Link();
            link.next = chain;
            chain = link;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(chain);
        }
        return bytes.toByteArray();
    }

    static void read(byte[] bytes) throws Exception {
        new ObjectInputStream(new ByteArrayInputStream(bytes)).readObject();
    }
}
JAVA
"${bin}java" -version 2>&1 | head -n 1
"${bin}javac" -Xlint:-serial -d "$folder" "$folder/Depth.java"
failures=0
for case in 'write fresh:StackOverflowError' 'write warm:done' 'read fresh:StackOverflowError' 'read warm:done'; do
    # -Xbatch: warm means compiled, however busy the machine is. The two words are two arguments.
    out=$("${bin}java" -Xss1m -Xbatch -cp "$folder" Depth ${case%%:*} "$folder/chain")
    echo "a chain of 2000 objects, ${case%%:*}: $out"
    [[ "$out" == "${case#*:}" ]] || { echo "CHANGED; was: ${case#*:}" >&2; failures=1; }
done
exit $failures
