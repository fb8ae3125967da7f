/** Letters of any script, marks, digits, punctuation, signs and plain spaces between them. */
const VISIBLE = /^(?! )[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,200}(?<! )$/u;
/** NIP (18 digits, also as it is printed: 8 6 1 3), NIK (16). */
const NUMBER_OF_SOMEBODY = /\d{8}[ .-]?\d{6}[ .-]?\d[ .-]?\d{3}|\d{16,}/;

/** What a purpose must be, in words. */
export const PURPOSE_IS = '1 to 200 visible characters, without anybody’s NIP or NIK';

/** Whether a text can stand in the access log, for good, as what a read was for. */
export const isPurpose = (text: string): boolean =>
  text.isWellFormed() && VISIBLE.test(text) && !NUMBER_OF_SOMEBODY.test(text);
