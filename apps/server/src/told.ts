import { types } from 'node:util';

/** What may be told of a failure: which kind, the words, where in the code; and what was behind it. */
export type Told = {
  readonly type: string;
  readonly message?: string;
  readonly code?: string | number;
  readonly stack?: string;
  readonly cause?: Told;
  readonly errors?: readonly Told[];
};

/** Deep enough for a driver's error in TypeORM's error in one of ours. */
const DEEPEST = 4;
const MOST = 5;

/**
 * A failure as the log may have it. Named members only: a driver's error carries the parameters of its statement
 * (`parameters`, `query`, `detail`, `where`), and those are people's particulars.
 */
export function told(cause: unknown, depth = 0): Told {
  if (typeof cause === 'string') return { type: kindIn(cause), stack: framesOf(cause) };
  if (!isError(cause)) return { type: cause === null ? 'null' : typeof cause };
  const { code } = cause as { code?: unknown };
  return {
    type: cause.constructor?.name || cause.name,
    message: messageOf(cause, code),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    stack: framesOf(cause.stack ?? ''),
    ...(depth < DEEPEST ? behind(cause, depth + 1) : {}),
  };
}

/** What an error says was behind it: its cause, or several (of connecting to each address of a host). */
function behind(error: Error, depth: number): Pick<Told, 'cause' | 'errors'> {
  const { cause, errors } = error as { cause?: unknown; errors?: unknown };
  return {
    ...(cause === undefined ? {} : { cause: told(cause, depth) }),
    ...(Array.isArray(errors) ? { errors: errors.slice(0, MOST).map((one) => told(one, depth)) } : {}),
  };
}

const isError = (cause: unknown): cause is Error => cause instanceof Error || types.isNativeError(cause);

/** PostgreSQL's data exceptions, broken constraints and raised errors: their words quote the values. */
const QUOTES_VALUES = /^(22|23|P0)[0-9A-Z]{3}$/;

function messageOf(error: Error, code: unknown): string {
  if (typeof code === 'string' && QUOTES_VALUES.test(code)) return `SQLSTATE ${code}${placeOf(error)}`;
  // A parser quotes what it could not read.
  if (error.name === 'SyntaxError') return 'text that cannot be parsed';
  return scrubbed(error.message);
}

/** Where in the database a statement failed; names from the schema, no values. */
function placeOf(error: object): string {
  const { table, column, constraint } = error as Record<string, unknown>;
  const names = [table, column, constraint].filter((name) => typeof name === 'string');
  return names.length > 0 ? ` at ${names.join(', ')}` : '';
}

/** The lines of a stack that name places in the code; the first ones repeat the message. */
const framesOf = (stack: string): string =>
  stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim())
    .join('\n');

const kindIn = (stack: string): string => /^\w{1,60}/.exec(stack)?.[0] ?? 'Error';

const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/jjk_[0-9a-v]{16}_[\w-]*/g, '[key]'],
  // NIP (18 digits, also as it is printed: 8 6 1 3), NIK (16)
  [/\b\d{8}[ .-]?\d{6}[ .-]?\d[ .-]?\d{3}\b|\d{16,}/g, '[number]'],
  [/\/\/[^/@\s]*@/g, '//[credentials]@'],
  [/\beyJ[\w-]+\.[\w-]*\.?[\w-]*/g, '[token]'],
];

/** The second line of defence: text without what looks like a NIP, a NIK, a token, or a password in a URL. */
export const scrubbed = (text: string): string =>
  SECRETS.reduce((rest, [secret, mark]) => rest.replace(secret, mark), text);
