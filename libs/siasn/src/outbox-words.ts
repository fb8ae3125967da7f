const LONGEST = 300;
/** NIP (also as printed), NIK, and ids that may be a PNS ID. */
const NUMBERS = /\d{8}[ .-]?\d{6}[ .-]?\d[ .-]?\d{3}|\d{15,}|[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}/gi;
const NAMING = /nip|nrp|nama|^pns/i;
const SHORTEST = 3;

/** An answer's words, fit to be kept: without the names and numbers of those it is about, on one line, not long. */
export function wordsWithout(
  words: string,
  hide: readonly string[],
  body: Readonly<Record<string, unknown>>,
): string {
  const told = Object.entries(body).flatMap(([field, value]) =>
    NAMING.test(field) && typeof value === 'string' ? [value] : [],
  );
  const names = [...hide, ...told].filter((name) => name.length >= SHORTEST);
  const without = names
    .sort((a, b) => b.length - a.length)
    .reduce((text, name) => text.replace(new RegExp(literal(name), 'gi'), '…'), words.toWellFormed());
  return without
    .replace(NUMBERS, '…')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, LONGEST)
    .toWellFormed();
}

/** A name as a pattern, whatever blanks stand between its words. */
const literal = (name: string): string => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, '\\s+');
