package dev.brigade.process.config;

/** Which kind of socket. */
public enum ChannelKind {
    /** Unix-domain where it works, loopback TCP elsewhere. */
    AUTO,
    /** Unix-domain, or no pool. */
    UNIX,
    /** Loopback TCP. */
    TCP
}
