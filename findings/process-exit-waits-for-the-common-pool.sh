#!/usr/bin/env bash
# Process.onExit() does not complete while all threads of the common pool are busy.
#
# One would guess: the JDK's own "process reaper" thread, which has seen the exit, completes the future; work of the
#   application cannot hold it up. waitFor() and isAlive() behave so.
# What happens: ProcessImpl passes the exit on with handleAsync and no executor, so that the future needs a thread of
#   ForkJoinPool.commonPool(). With all of them in application code (a parallel stream that waits for a child, say), the exit
#   is never told. JDK 17 does so with a common parallelism of 2 or more; with 1 CompletableFuture took a new thread. Since
#   CompletableFuture always uses the common pool (JDK 25), a parallelism of 1 is no way out either.
#   ProcessHandle.onExit() of the same child is no better.
# Source: the Javadoc of Process.onExit names no executor; seen on OpenJDK 17.0.15 and Temurin 25.0.3, Linux, 2026-11-30.
# Why it matters to pools: a pool that learns of its workers' deaths from onExit() hangs together with the application that
#   waits for it in a parallel stream. A thread in waitFor() for each worker does not.
set -euo pipefail
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/OnExit.java" <<'JAVA'
import java.util.concurrent.*;

public class OnExit {
    public static void main(String[] args) throws Exception {
        ForkJoinPool pool = ForkJoinPool.commonPool();
        int threads = ForkJoinPool.getCommonPoolParallelism();
        CountDownLatch busy = new CountDownLatch(threads);
        CountDownLatch release = new CountDownLatch(1);
        for (int i = 0; i < threads; i++) {
            pool.execute(() -> {
                busy.countDown();
                try {
                    release.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }
        busy.await();
        Process child = new ProcessBuilder("true").start();
        CompletableFuture<Process> ofProcess = child.onExit();
        CompletableFuture<ProcessHandle> ofHandle = child.toHandle().onExit();
        String seen = "exit code " + child.waitFor() + ", alive " + child.isAlive()
                + ", told after 2 s: by Process " + isTold(ofProcess) + ", by ProcessHandle " + isTold(ofHandle);
        release.countDown();
        ofProcess.get(10, TimeUnit.SECONDS); // with a free thread it is told at once
        System.out.println(seen);
    }

    private static boolean isTold(CompletableFuture<?> exit) throws Exception {
        try {
            exit.get(2, TimeUnit.SECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }
}
JAVA
version=$("$java" -version 2>&1 | sed -nE 's/.* version "([0-9]+).*/\1/p' | head -n 1)
seen() {
    "$java" "-Djava.util.concurrent.ForkJoinPool.common.parallelism=$1" "$folder/OnExit.java"
}
late='exit code 0, alive false, told after 2 s: by Process false, by ProcessHandle false'
prompt='exit code 0, alive false, told after 2 s: by Process true, by ProcessHandle true'
alone=$late
((version >= 25)) || alone=$prompt
failures=0
for case in "1:$alone" "3:$late"; do
    out=$(seen "${case%%:*}")
    echo "JDK $version, common parallelism ${case%%:*}: $out"
    [[ "$out" == "${case#*:}" ]] || { echo "CHANGED; was: ${case#*:}" >&2; failures=1; }
done
exit $failures
