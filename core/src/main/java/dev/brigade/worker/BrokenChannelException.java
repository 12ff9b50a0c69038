package dev.brigade.worker;

import java.io.IOException;

/** What came over the channel is not the protocol: the other end is not to be trusted any more. */
final class BrokenChannelException extends IOException {
    private static final long serialVersionUID = 1L;

    BrokenChannelException(String message) {
        super(message);
    }

    BrokenChannelException(String message, Throwable cause) {
        super(message, cause);
    }
}
