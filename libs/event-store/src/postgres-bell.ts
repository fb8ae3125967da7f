import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { Bell } from './bell.ts';
import type { PostgresServer } from './postgres-server.ts';

/** How often those who wait look for themselves, in ms: while no connection listens, and while one does. */
const DEAF_MS = 250;
const LISTENING_MS = 1_000;
const RECONNECT_MS = 500;

/** Wakes followers when something was committed. It may miss that: who waits is woken after a while in any case. */
export class PostgresBell {
  readonly #bell = new Bell();
  #client: pg.Client | undefined;
  #listening: Promise<void> | undefined;
  readonly #closed = new AbortController();

  constructor(
    private readonly server: PostgresServer,
    private readonly channel: string,
  ) {}

  get rings(): number {
    return this.#bell.rings;
  }

  ring(): void {
    this.#bell.ring();
  }

  /** Hears from now on what other processes commit. */
  listen(): void {
    this.#listening ??= this.#listen();
  }

  /** Settles when it has rung since `rings` was taken, when the signal aborts, or after a while. */
  next(rings: number, signal: AbortSignal): Promise<void> {
    return this.#bell.next(rings, this.#client ? LISTENING_MS : DEAF_MS, signal);
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.ring();
    await this.#client?.end();
    await this.#listening;
  }

  /** A lost connection is made again. */
  async #listen(): Promise<void> {
    const { signal } = this.#closed;
    while (!signal.aborted) {
      await this.#hear().catch(() => undefined);
      this.#client = undefined;
      await sleep(RECONNECT_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Settles when the connection has ended. */
  async #hear(): Promise<void> {
    const client = await this.server.connect('listener');
    const ended = new Promise((settle) => client.once('end', settle));
    client.on('notification', () => this.ring());
    await client.query(`listen ${this.channel}`);
    if (this.#closed.signal.aborted) return client.end();
    this.#client = client;
    // Whatever was committed while nobody listened.
    this.ring();
    await ended;
  }
}
