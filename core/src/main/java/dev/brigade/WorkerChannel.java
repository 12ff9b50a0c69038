package dev.brigade;

/** The channel between a process runner and its workers. */
public enum WorkerChannel {
    /** Unix-domain sockets if they work, else loopback TCP. */
    AUTO,
    /** Unix-domain sockets: only this user can connect. If they do not work, no worker starts. */
    UNIX,
    /** Loopback TCP: other users of the machine can connect, and are refused. */
    TCP
}
