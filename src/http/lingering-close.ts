/**
 * How much a client whose body was rejected may still send, so that it reads the response before the connection ends.
 */
export const lingering = { bytes: 1_048_576, milliseconds: 1_000 };
