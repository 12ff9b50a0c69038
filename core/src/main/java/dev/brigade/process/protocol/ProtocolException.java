package dev.brigade.process.protocol;

import java.io.IOException;

/** Thrown if the other end has broken the protocol, and is not to be trusted any more. */
public final class ProtocolException extends IOException {
    private static final long serialVersionUID = 1L;

    public ProtocolException(String message) {
        super(message);
    }

    public ProtocolException(String message, Throwable cause) {
        super(message, cause);
    }
}
