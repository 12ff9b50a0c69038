package dev.brigade;

/** How a process runner and its workers talk. */
public enum WorkerChannel {
    /** Unix-domain sockets where they work, loopback TCP elsewhere. */
    AUTO,
    /** Unix-domain sockets: nobody but this user can even connect. Where they do not work, no worker starts. */
    UNIX,
    /** Loopback TCP: other users of the machine can connect, and are turned away. */
    TCP
}
