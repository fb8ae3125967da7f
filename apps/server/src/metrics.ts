import {
  type Appended,
  type EventStore,
  isStale,
  type StaleRevision,
  type StoredEvent,
} from '@app/event-store';
import type { OpenRecord } from '@app/record';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { RequestLine } from './log.ts';
import { inTime } from './readiness.ts';
import { inSpan } from './tracing.ts';

/** How far the views are behind the log: events, and the age of the oldest of these in seconds. */
export type Lag = { readonly events: number; readonly seconds: number };

/** What is looked up whenever somebody asks for the metrics; what is left out, or fails, is not among them. */
export type Sources = {
  readonly lag?: () => Promise<Lag>;
  /** Jobs by state. */
  readonly jobs?: () => Promise<Readonly<Record<string, number>>>;
  /** Whether this process is the one that follows. */
  readonly leads?: () => boolean;
};

/** How long looking one of them up may take, in ms. */
const PATIENCE_MS = 2_000;
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What is counted in this process. No label names a person or an id; every label has few values. */
export class Metrics {
  readonly #registry = new Registry();
  #sources: Sources = {};
  readonly #requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Requests by method, route template and status',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers: [this.#registry],
  });
  readonly #appends = this.#counter('jejak_appends_total', 'Appends that the log accepted');
  readonly #conflicts = this.#counter('jejak_append_conflicts_total', 'Appends refused as stale');
  readonly #failures = this.#counter('jejak_append_failures_total', 'Appends that failed');
  readonly #appending = this.#duration('jejak_append_duration_seconds', 'Appends, whatever came of them');
  readonly #batches = this.#duration('jejak_follower_batch_duration_seconds', 'Steps of the follower');
  readonly #lagEvents = this.#gauge('jejak_follower_lag_events', 'Events that are not in every view yet');
  readonly #lagSeconds = this.#gauge('jejak_follower_lag_seconds', 'Age of the oldest of these');
  readonly #leader = this.#gauge('jejak_follower_leader', '1 where this process is the one that follows');
  readonly #jobs = this.#gauge('jejak_jobs', 'Jobs by state', ['state']);

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  readonly contentType: string = this.#registry.contentType;

  /** Says where to look up what is not counted here. */
  look(sources: Sources): void {
    this.#sources = sources;
  }

  request({ method, route, status, ms }: RequestLine): void {
    this.#requests.observe({ method, route, status: String(status) }, ms / 1_000);
  }

  /** A step of the follower that took so many ms. */
  batch(ms: number): void {
    this.#batches.observe(ms / 1_000);
  }

  /** An append, timed and counted by what came of it. */
  async append<T extends Appended | StaleRevision>(append: () => Promise<T>): Promise<T> {
    const timed = this.#appending.startTimer();
    try {
      const outcome = await append();
      (isStale(outcome) ? this.#conflicts : this.#appends).inc();
      return outcome;
    } catch (cause) {
      this.#failures.inc();
      throw cause;
    } finally {
      timed();
    }
  }

  /** Everything, as Prometheus reads it. Never fails for a source that does. */
  async text(): Promise<string> {
    const { lag, jobs, leads } = this.#sources;
    const [behind, byState] = await Promise.all([looked(lag), looked(jobs)]);
    told(this.#lagEvents, behind?.events);
    told(this.#lagSeconds, behind?.seconds);
    told(this.#leader, leads && Number(leads()));
    this.#jobs.reset();
    for (const [state, count] of Object.entries(byState ?? {})) this.#jobs.set({ state }, count);
    return this.#registry.metrics();
  }

  #counter(name: string, help: string): Counter {
    return new Counter({ name, help, registers: [this.#registry] });
  }

  #gauge(name: string, help: string, labelNames: string[] = []): Gauge {
    return new Gauge({ name, help, labelNames, registers: [this.#registry] });
  }

  #duration(name: string, help: string): Histogram {
    return new Histogram({ name, help, buckets: SECONDS, registers: [this.#registry] });
  }
}

const looked = <T>(look?: () => Promise<T>): Promise<T | undefined> =>
  look ? inTime(look(), PATIENCE_MS).catch(() => undefined) : Promise.resolve(undefined);

/** A gauge that is not known is left out: zero would be a claim. */
function told(gauge: Gauge, value: number | undefined): void {
  if (value === undefined) gauge.remove();
  else gauge.set(value);
}

/** How many events of the log, not numbered yet, are counted at most. */
const MOST_COUNTED = 1_000;

/** How far the views are behind the log; of events that the journal has not, at most 1,000 are counted. */
export async function lagOf(record: OpenRecord, now: () => number = Date.now): Promise<Lag> {
  const { store, journal, views } = record;
  const [position, size, reached] = [await journal.position(), await journal.size(), await views.reached()];
  const ahead = await store.readAll(position, MOST_COUNTED);
  const [oldest] = await journal.read({ after: reached, limit: 1 });
  const since = oldest ? (JSON.parse(oldest.leaf) as StoredEvent).recordedAt : ahead[0]?.recordedAt;
  return {
    events: size - 1 - reached + ahead.length,
    seconds: since === undefined ? 0 : Math.max(0, (now() - Date.parse(since)) / 1_000),
  };
}

/** A log whose appends are counted, timed and traced; all the work is done by the engine behind it. */
export function measured(store: EventStore, metrics: Metrics): EventStore {
  const append: EventStore['append'] = (stream, expected, events) =>
    inSpan(
      'append',
      { 'jejak.category': categoryOf(stream), 'jejak.events': events.length },
      async (span) => {
        const outcome = await metrics.append(() => store.append(stream, expected, events));
        span.setAttribute('jejak.stale', isStale(outcome));
        return outcome;
      },
    );
  return new Proxy(store, {
    get(engine, name) {
      if (name === 'append') return append;
      const member: unknown = Reflect.get(engine, name);
      return typeof member === 'function' ? member.bind(engine) : member;
    },
  });
}

/** The kind of a stream: its name up to the first hyphen (house, decision 1). */
const categoryOf = (stream: string): string => /^[A-Za-z]{1,40}(?=-)/.exec(stream)?.[0] ?? 'other';
