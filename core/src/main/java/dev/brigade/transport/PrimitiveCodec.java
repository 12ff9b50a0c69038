package dev.brigade.transport;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Encodes the values that need no object stream: null, boxed primitives, strings and primitive arrays. Numbers are little-endian, which
 * is the native order of the machines this runs on, so that arrays are copied as blocks.
 */
final class PrimitiveCodec {
    private static final byte NULL = 0;
    private static final byte FALSE = 1;
    private static final byte TRUE = 2;
    private static final byte BYTE = 3;
    private static final byte SHORT = 4;
    private static final byte CHAR = 5;
    private static final byte INT = 6;
    private static final byte LONG = 7;
    private static final byte FLOAT = 8;
    private static final byte DOUBLE = 9;
    private static final byte LATIN1 = 10;
    private static final byte UTF16 = 11;
    private static final byte BYTES = 12;
    private static final byte BOOLEANS = 13;
    private static final byte SHORTS = 14;
    private static final byte CHARS = 15;
    private static final byte INTS = 16;
    private static final byte LONGS = 17;
    private static final byte FLOATS = 18;
    private static final byte DOUBLES = 19;

    /** The highest kind that this class reads. */
    static final byte LAST = DOUBLES;

    /** Length of the longest array that every JVM can make. */
    static final int MAX_BYTES = Integer.MAX_VALUE - 8;

    private static final byte[] NO_BYTES = {};
    private static final Payload NULL_PAYLOAD = new Payload(NULL, NO_BYTES);
    private static final Payload FALSE_PAYLOAD = new Payload(FALSE, NO_BYTES);
    private static final Payload TRUE_PAYLOAD = new Payload(TRUE, NO_BYTES);

    private PrimitiveCodec() {}

    /** Returns the payload of a plain value; null if the value is not plain. */
    static @Nullable Payload encode(@Nullable Object value) {
        if (value == null) {
            return NULL_PAYLOAD;
        }
        // String and the boxes are final: comparing classes decides, and costs other objects nothing
        Class<?> type = value.getClass();
        if (type == String.class) {
            return string((String) value);
        }
        if (type == Integer.class) {
            return new Payload(INT, fourBytes((Integer) value));
        }
        if (type == Long.class) {
            return new Payload(LONG, eightBytes((Long) value));
        }
        if (type == Double.class) {
            return new Payload(DOUBLE, eightBytes(Double.doubleToRawLongBits((Double) value)));
        }
        if (type == Boolean.class) {
            return (Boolean) value ? TRUE_PAYLOAD : FALSE_PAYLOAD;
        }
        return type.isArray() ? array(value, type) : rareBox(value, type);
    }

    private static @Nullable Payload rareBox(Object value, Class<?> type) {
        if (type == Byte.class) {
            return new Payload(BYTE, new byte[] {(Byte) value});
        }
        if (type == Short.class) {
            short s = (Short) value;
            return new Payload(SHORT, new byte[] {(byte) s, (byte) (s >> 8)});
        }
        if (type == Character.class) {
            char c = (Character) value;
            return new Payload(CHAR, new byte[] {(byte) c, (byte) (c >> 8)});
        }
        if (type == Float.class) {
            return new Payload(FLOAT, fourBytes(Float.floatToRawIntBits((Float) value)));
        }
        return null;
    }

    private static Payload string(String value) {
        byte[] bytes = value.getBytes(ISO_8859_1);
        // block copies and a block comparison: cheaper than a check of each character, and exact
        if (bytes.length == value.length() && new String(bytes, ISO_8859_1).equals(value)) {
            return new Payload(LATIN1, bytes);
        }
        // not UTF-8: half a surrogate pair must survive
        byte[] wide = new byte[sizeOf("String", value.length(), 2)];
        buffer(wide).asCharBuffer().put(value);
        return new Payload(UTF16, wide);
    }

    private static @Nullable Payload array(Object value, Class<?> type) {
        if (type == byte[].class) {
            return new Payload(BYTES, (byte[]) value);
        }
        if (type == int[].class) {
            int[] array = (int[]) value;
            byte[] bytes = new byte[sizeOf("int[]", array.length, 4)];
            buffer(bytes).asIntBuffer().put(array);
            return new Payload(INTS, bytes);
        }
        if (type == long[].class) {
            long[] array = (long[]) value;
            byte[] bytes = new byte[sizeOf("long[]", array.length, 8)];
            buffer(bytes).asLongBuffer().put(array);
            return new Payload(LONGS, bytes);
        }
        if (type == double[].class) {
            double[] array = (double[]) value;
            byte[] bytes = new byte[sizeOf("double[]", array.length, 8)];
            buffer(bytes).asDoubleBuffer().put(array);
            return new Payload(DOUBLES, bytes);
        }
        return type.getComponentType().isPrimitive() ? rareArray(value, type) : null;
    }

    private static Payload rareArray(Object value, Class<?> type) {
        if (type == float[].class) {
            float[] array = (float[]) value;
            byte[] bytes = new byte[sizeOf("float[]", array.length, 4)];
            buffer(bytes).asFloatBuffer().put(array);
            return new Payload(FLOATS, bytes);
        }
        if (type == char[].class) {
            char[] array = (char[]) value;
            byte[] bytes = new byte[sizeOf("char[]", array.length, 2)];
            buffer(bytes).asCharBuffer().put(array);
            return new Payload(CHARS, bytes);
        }
        if (type == short[].class) {
            short[] array = (short[]) value;
            byte[] bytes = new byte[sizeOf("short[]", array.length, 2)];
            buffer(bytes).asShortBuffer().put(array);
            return new Payload(SHORTS, bytes);
        }
        boolean[] array = (boolean[]) value;
        byte[] bytes = new byte[array.length];
        for (int i = 0; i < array.length; i++) {
            bytes[i] = (byte) (array[i] ? 1 : 0);
        }
        return new Payload(BOOLEANS, bytes);
    }

    /** Returns the value of a payload whose kind is at most {@link #LAST}. */
    static @Nullable Object decode(byte kind, byte[] bytes) {
        return switch (kind) {
            case NULL -> null;
            case FALSE -> false;
            case TRUE -> true;
            case BYTE -> exactly(1, bytes)[0];
            case SHORT -> (short) ((exactly(2, bytes)[0] & 0xFF) | (bytes[1] << 8));
            case CHAR -> (char) ((exactly(2, bytes)[0] & 0xFF) | (bytes[1] << 8));
            case INT -> getInt(exactly(4, bytes), 0);
            case LONG -> getLong(exactly(8, bytes));
            case FLOAT -> Float.intBitsToFloat(getInt(exactly(4, bytes), 0));
            case DOUBLE -> Double.longBitsToDouble(getLong(exactly(8, bytes)));
            case LATIN1 -> new String(bytes, ISO_8859_1);
            default -> decodeArray(kind, bytes);
        };
    }

    private static Object decodeArray(byte kind, byte[] bytes) {
        return switch (kind) {
            case UTF16 -> chars(bytes).toString();
            case BYTES -> bytes;
            case INTS -> {
                int[] ints = new int[elements(bytes, 4)];
                buffer(bytes).asIntBuffer().get(ints);
                yield ints;
            }
            case LONGS -> {
                long[] longs = new long[elements(bytes, 8)];
                buffer(bytes).asLongBuffer().get(longs);
                yield longs;
            }
            case DOUBLES -> {
                double[] doubles = new double[elements(bytes, 8)];
                buffer(bytes).asDoubleBuffer().get(doubles);
                yield doubles;
            }
            default -> decodeRareArray(kind, bytes);
        };
    }

    private static Object decodeRareArray(byte kind, byte[] bytes) {
        return switch (kind) {
            case FLOATS -> {
                float[] floats = new float[elements(bytes, 4)];
                buffer(bytes).asFloatBuffer().get(floats);
                yield floats;
            }
            case CHARS -> {
                char[] chars = new char[elements(bytes, 2)];
                chars(bytes).get(chars);
                yield chars;
            }
            case SHORTS -> {
                short[] shorts = new short[elements(bytes, 2)];
                buffer(bytes).asShortBuffer().get(shorts);
                yield shorts;
            }
            case BOOLEANS -> {
                boolean[] booleans = new boolean[bytes.length];
                for (int i = 0; i < bytes.length; i++) {
                    booleans[i] = bytes[i] != 0;
                }
                yield booleans;
            }
            default -> throw new UntransportableException("unknown kind of payload: " + kind, null);
        };
    }

    private static CharBuffer chars(byte[] bytes) {
        elements(bytes, 2);
        return buffer(bytes).asCharBuffer();
    }

    private static ByteBuffer buffer(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(LITTLE_ENDIAN);
    }

    static int sizeOf(String type, int elements, int bytesEach) {
        long size = (long) elements * bytesEach;
        if (size > MAX_BYTES) {
            throw new UntransportableException(
                    type + " of " + elements + " elements cannot be transported: it takes " + size + " bytes, at most "
                            + MAX_BYTES + " are possible",
                    null);
        }
        return (int) size;
    }

    private static byte[] exactly(int length, byte[] bytes) {
        if (bytes.length != length) {
            throw new UntransportableException(
                    "damaged payload: its kind takes " + length + " bytes, it has " + bytes.length, null);
        }
        return bytes;
    }

    private static int elements(byte[] bytes, int bytesEach) {
        if (bytes.length % bytesEach != 0) {
            throw new UntransportableException(
                    "damaged payload: its size must be a multiple of " + bytesEach + " bytes, it has " + bytes.length,
                    null);
        }
        return bytes.length / bytesEach;
    }

    private static byte[] fourBytes(int value) {
        byte[] bytes = new byte[4];
        putInt(bytes, 0, value);
        return bytes;
    }

    private static byte[] eightBytes(long value) {
        byte[] bytes = new byte[8];
        putInt(bytes, 0, (int) value);
        putInt(bytes, 4, (int) (value >>> 32));
        return bytes;
    }

    static void putInt(byte[] bytes, int at, int value) {
        bytes[at] = (byte) value;
        bytes[at + 1] = (byte) (value >>> 8);
        bytes[at + 2] = (byte) (value >>> 16);
        bytes[at + 3] = (byte) (value >>> 24);
    }

    static int getInt(byte[] bytes, int at) {
        return (bytes[at] & 0xFF)
                | ((bytes[at + 1] & 0xFF) << 8)
                | ((bytes[at + 2] & 0xFF) << 16)
                | (bytes[at + 3] << 24);
    }

    private static long getLong(byte[] bytes) {
        return (getInt(bytes, 0) & 0xFFFF_FFFFL) | ((long) getInt(bytes, 4) << 32);
    }
}
