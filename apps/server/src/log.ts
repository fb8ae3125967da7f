import { AsyncLocalStorage } from 'node:async_hooks';
import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import { scrubbed, told } from './told.ts';

/** What every line within a request carries, as far as it is known by then. */
export type Known = {
  readonly requestId: string;
  correlationId?: string;
  commandId?: string;
  causationId?: string;
  traceId?: string;
};

/** A request that is over. `route` is the template: an address may hold ids. */
export type RequestLine = {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly ms: number;
  /** The asker had left before everything was sent. */
  readonly aborted?: true;
};

const KNOWN = new AsyncLocalStorage<Known>();

/** Does work whose lines of the log carry what is known. */
export const within = <T>(known: Known, work: () => T): T => KNOWN.run(known, work);

/** Adds to what the lines of this request carry. */
export function note(more: Partial<Known>): void {
  const known = KNOWN.getStore();
  if (known) Object.assign(known, more);
}

/** What Nest says of its own start. */
const OF_NEST = ['InstanceLoader', 'NestApplication', 'NestFactory', 'RouterExplorer', 'RoutesResolver'];

type Level = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

/** The log: one JSON object a line, with `time` (UTC), `level`, `msg`, `context`, and what is known of the request. */
export class JsonLog implements LoggerService {
  constructor(private readonly lines: Logger) {}

  fatal = (message: unknown, ...rest: unknown[]): void => this.#say('fatal', message, rest);
  error = (message: unknown, ...rest: unknown[]): void => this.#say('error', message, rest);
  warn = (message: unknown, ...rest: unknown[]): void => this.#say('warn', message, rest);
  debug = (message: unknown, ...rest: unknown[]): void => this.#say('debug', message, rest);
  verbose = (message: unknown, ...rest: unknown[]): void => this.#say('trace', message, rest);
  log = (message: unknown, ...rest: unknown[]): void =>
    this.#say(OF_NEST.includes(String(rest.at(-1))) ? 'debug' : 'info', message, rest);

  /** A request that is over; `quiet`: somebody asks this every few seconds. */
  request(line: RequestLine, quiet: boolean): void {
    this.lines[quiet ? 'debug' : 'info']({ context: 'Request', ...line }, 'request');
  }

  /** As Nest calls it: a message or an error, perhaps an error or its stack, and last the context. */
  #say(level: Level, message: unknown, rest: readonly unknown[]): void {
    const last = rest.at(-1);
    const context = typeof last === 'string' && !isStack(last) ? { context: last } : {};
    const cause = [message, ...rest].find((one) => typeof one === 'object' || isStack(one));
    const error = cause ? { err: cause } : {};
    this.lines[level]({ ...context, ...error }, wordsOf(message));
  }
}

const isStack = (one: unknown): boolean => typeof one === 'string' && /\n\s+at /.test(one);

/** An object has no words: it may hold anything. */
const wordsOf = (message: unknown): string =>
  typeof message === 'object' || isStack(message) ? 'something went wrong' : scrubbed(String(message));

/** The log on standard output, or to `destination`, from a level on. */
export function createLogger(of: { level: Level | 'silent'; destination?: DestinationStream }): JsonLog {
  const options = {
    level: of.level,
    base: null,
    serializers: { err: (cause: unknown) => told(cause) },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (level: string) => ({ level }) },
    mixin: () => ({ ...KNOWN.getStore() }),
  };
  return new JsonLog(of.destination ? pino(options, of.destination) : pino(options));
}
