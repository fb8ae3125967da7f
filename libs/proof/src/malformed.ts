/** A text or file that is not what its format says; the message says what is wrong, and in which line where there are lines. */
export class Malformed extends Error {}
