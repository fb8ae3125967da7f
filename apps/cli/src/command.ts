import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { Settings } from '@app/config';
import type { OpenRecord, Places } from '@app/record';

/** Options of a command by name, as `node:util` parses them, each with what it means. */
export type Options = Readonly<Record<string, { type: 'string' | 'boolean'; short?: string; means: string }>>;

/** What a command is given: positional words, options, the record it works on, and the way to speak. */
export type Call = {
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly record: OpenRecord;
  readonly dataDir: string;
  /** Where the record is: in `dataDir`, or as the settings say. */
  readonly places: Places;
  /** Where documents are, and how large one may be: likewise. */
  readonly evidence: Settings['evidence'];
  readonly settings: Settings;
  readonly say: Say;
};

export type Say = {
  /** The result: text for people, or the value as JSON where `--json` was asked. */
  readonly result: (value: unknown, text: () => string) => void;
  /** Progress and remarks, to standard error. */
  readonly remark: (text: string) => void;
};

/** What a command is given that works without the record: what it works on need not exist yet. */
export type Bare = Omit<Call, 'record'>;

/** A command of `jejak`; gives the exit code: 0 done, 1 refused or found wrong. */
export type Command = {
  readonly name: string;
  readonly usage: string;
  /** In Bahasa Indonesia, and in English. */
  readonly does: readonly [string, string];
  readonly options: Options;
  /** Runs also where the record cannot follow the log: it finds out why. */
  readonly evenBehind?: boolean;
} & (
  | { readonly run: (call: Call) => Promise<number> }
  | { readonly runBare: (call: Bare) => Promise<number> }
);

/** The command was asked in a way that it does not understand: exit code 2. */
export class Usage extends Error {}

const COMMON: Options = {
  data: { type: 'string', means: 'directory of the record (DATA_DIR, ./data)' },
  json: { type: 'boolean', means: 'print the result as JSON' },
  help: { type: 'boolean', short: 'h', means: 'show this help' },
};

export const AS_OF: Options = {
  on: { type: 'string', means: 'in force on this day, YYYY-MM-DD (today)' },
  known: { type: 'string', means: 'as known at this journal index or time (now)' },
};

export function parse(command: Command, words: readonly string[]) {
  const options = { ...command.options, ...COMMON } as unknown as NonNullable<ParseArgsConfig['options']>;
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      options,
      allowPositionals: true,
      strict: true,
    });
    return { words: positionals, options: values as Call['options'] };
  } catch (cause) {
    throw new Usage(cause instanceof Error ? cause.message : String(cause));
  }
}

export function helpOf({ usage, does, options }: Command): string {
  const lines = Object.entries({ ...options, ...COMMON }).map(
    ([name, { type, means }]) => `  --${`${name}${type === 'string' ? ' X' : ''}`.padEnd(14)} ${means}`,
  );
  return [`jejak ${usage}`, '', `  ${does[0]}`, `  ${does[1]}`, '', ...lines].join('\n');
}
