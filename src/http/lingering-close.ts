/** What a client whose body was refused may go on sending, so that it reads the answer before the end. */
export const lingering = { bytes: 1_048_576, milliseconds: 1_000 };
