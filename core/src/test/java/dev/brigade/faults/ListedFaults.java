package dev.brigade.faults;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The faults that {@code docs/faults.md} must list, by section and in its order. A row that is removed or renamed there must be removed or
 * renamed here as well, on purpose.
 */
final class ListedFaults {
    private static final String LIST = """
            ## Start-up
            java binary missing (as `jpackage` leaves it out)
            unknown JVM flag
            heap larger than the machine
            worker main class absent
            worker dies before it connects
            is stuck before it is ready (connected and silent; initializer hangs); never connects
            a stranger connects with a wrong token
            a worker with a wrong token
            initializer throws
            initializer exits
            initializer larger than the worker's heap
            initializer hangs
            class path too long, with spaces (quotes, backslash, $, #, %), with directories
            fat jar (classes where only its own loader finds them)
            shaded jar (in a path with spaces)
            class path and module path of an outside project
            values of `-D` with line breaks, quotes, backslashes, blanks, or characters that the locale's charset lacks
            names of files with line breaks, or characters that the default charset lacks
            packages that the manifest of `java -jar`'s jar opens or exports, and native access
            modules: on the module path, patched (`--patch-module`, as for the tests of a module), limited, named from the working directory, or in a run-time image of `jlink`'s
            the archive of workers' classes is cut off, changed, or left half-written by a process that was killed; heaps on either side of 32 GiB
            files that are named from the program's working directory, where workers have another (class and module path, JDK, temporary directory, trust store …)
            options by which the program is managed from outside (`-Dcom.sun.management.`, a file of them included)
            working directory removed: the one that was set; the program's own
            a root of its own (`chroot`), of which the table of mounts does not tell
            a user who is not root, and whom only a capability lets into the temporary directory (`CAP_DAC_OVERRIDE`)
            JDK removed under a running parent
            JDK replaced under a running parent, by a broken one
            protocol version mismatch
            process (thread) limit reached
            descriptor limit reached
            the file with the workers' arguments is gone
            replacement cannot be spawned
            temp directory missing; not writable
            temp directory full
            socket path longer than the limit
            ## In the task
            Exception; Error
            StackOverflowError
            StackOverflowError in the middle of printing
            OutOfMemoryError by hand
            real heap; metaspace
            direct memory
            `System.exit(0)`, `exit(n)` (also 3 and 143)
            `Runtime.halt`
            SIGSEGV in native code
            SIGKILL while idle
            SIGKILL mid-task
            SIGKILL mid-frame, towards the parent
            SIGKILL mid-frame, towards the worker
            SIGTERM to a worker
            SIGTERM ignored
            SIGSTOP (frozen)
            infinite loop; ignores interrupt; swallows Throwable in a loop
            deadlock
            stuck in native code
            leaves non-daemon threads
            leaves a hanging shutdown hook
            leaves grandchildren processes (also daemonized)
            leaves a process that cannot be found (its environment was cleaned) and holds the worker's stdout
            closes stdin, stdout, stderr
            reads stdin
            `System.setOut/setErr/setIn`
            changes default locale (and time zone), security properties and providers, uncaught-exception handlers, context class loader
            sets a security manager that forbids everything (JDK 17; later JDKs have none)
            interrupts the worker's own thread and returns
            mutates statics, then the next task looks
            workers kill each other
            a static initializer, or a task, that uses a pool whose workers do the same
            crash in a finalizer or cleaner after the result
            ## Transfer
            task not serializable; throws or overflows the stack while being serialized
            input not serializable; throws or overflows while being serialized
            task or input exits or crashes the JVM while being serialized
            an input is changed while it waits to be sent, or to be tried again
            the function is one of several references to one method, which differ in their types alone (`Animal::name` of dogs, and of cats) and which the compiler's reader of lambdas confuses
            class missing in the worker
            worker throws or overflows while deserializing
            worker exits or crashes while deserializing an input
            worker dies while deserializing the function, which no worker has ever decoded
            workers die while deserializing a function that a worker has decoded before (killed from outside, each)
            input for whose bytes the parent has no memory
            result larger than the parent's heap, or than what is free of it
            function, context, input or result larger than the worker's heap
            result not serializable; throws or overflows while serialized
            result exits or crashes while serialized
            parent cannot deserialize the result
            result exits the parent while it is read there
            exception not serializable (throws, overflows); exits while written
            exception not deserializable
            exception with cyclic or suppressed causes
            exception with a huge message
            null input, null result; record, enum (with bodies), empty payloads
            lambda capturing `this`; inner class
            anonymous, local class, record as a function
            serialVersionUID mismatch
            payload larger than the socket buffer
            payload larger than the cap
            payload larger than 2 GiB
            zero bytes
            many large results at once
            deeply recursive object graph
            hostile bytes from a worker (filter)
            the input iterator throws half-way
            ## Streams
            task prints
            floods
            prints without newline
            a thread that a task left prints while the next one runs
            prints 100 MB on one line
            native code writes to fd 1 (and 2)
            the JVM's own warnings, GC logs, agent output on stdout
            a multi-byte character split over a buffer's edge
            stderr full and unread
            truncated frame
            negative or absurd length; bad magic; other version; unknown frame type; a frame that only a parent sends
            frames about tasks that the worker does not have; a result twice
            a result or failure that cannot be decoded
            half-open socket; socket closed by a process that lives on
            ## Parent and shutdown
            parent killed with -9 while workers are idle
            parent killed with -9 while workers are busy
            parent SIGTERM, SIGHUP
            Ctrl-C, which the terminal sends to the workers too
            SIGTERM to the whole group (systemd's default) while a hook drains
            parent `exit` without a close
            a shutdown hook uses, drains or closes the pool, at once or later
            the pool's directory is removed, or part of it (systemd-tmpfiles, tmpreaper)
            after that, another takes the name of the pool's directory: a directory of whoever, a link
            parent killed while its tasks have pools of their own
            parent `halt`
            pool never closed and unreachable
            an application in a class loader of its own is dropped (redeployed) after its runners were closed, or with them
            close while workers start
            close at a random moment
            close twice
            close concurrently
            close from a callback
            close from inside a task
            close with a full queue
            close with an unserializable task queued
            close with a dying worker
            submit during close
            a body that cannot be stopped when the runner closes
            process id reused
            the clock stepped
            a debugger or a long collection mistaken for death
            ## Bookkeeping
            recycling after n tasks with a backlog
            crash loop
            restart storm
            poison task
            cancel before start
            cancel in transit
            cancel while running
            cancel while the result arrives
            timeout races completion
            a shortage (descriptors to load a class, threads, memory) just when a deadline passes
            the parent's memory ends while a task is handed out to a worker
            no thread can be had for a callback, or for the decision to try again
            no thread can be had for the clock
            no thread is left for the JDK to tell of a worker's exit
            the application keeps `ForkJoinPool.commonPool()` busy, perhaps with what waits for its tasks
            whatever is done after a failed start, or a worker's death, throws
            no descriptor is left when a worker dies
            late result after the timeout
            interrupted caller abandons a request
            callback or listener throws
            a hundred bad tasks do not starve good ones
            nested submit
            recursive pools
            many threads submit at once
            zero inputs
            more workers than tasks
            idle retirement races a submit
            one exception object is not shared between futures
            dead worker with tasks still queued on it
            the only worker that is up, quick until now, gets a long body, or one that waits for the next
            all of these at once, at random
            ## Resources
            slow leak over 100 000 tasks, in the parent
            slow leak over 100 000 tasks, in the worker
            slow leak in tasks
            false recycling
            recycling where the JVM's options keep `System.gc()` from collecting (`-XX:+DisableExplicitGC`, other collectors, `ExplicitGCInvokesConcurrent`, options in a file)
            kernel kills a worker for memory
            descriptors and threads over 10 000 tasks and 1 000 worker restarts
            machine overcommitted by n × heap, n × cores
            """;

    private ListedFaults() {}

    static Map<String, List<String>> bySection() {
        Map<String, List<String>> faults = new LinkedHashMap<>();
        List<String> section = new ArrayList<>();
        for (String line : LIST.lines().toList()) {
            if (line.startsWith("## ")) {
                section = new ArrayList<>();
                faults.put(line.substring(3), section);
            } else {
                section.add(line);
            }
        }
        return faults;
    }
}
