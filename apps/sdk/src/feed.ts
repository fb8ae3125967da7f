import { ask, queryOf, type Server } from './asking.ts';
import { JejakError } from './error.ts';
import { type Retries, Watch } from './pace.ts';
import { type CloudEvent, indexOf, type Page, type Told, type Wanted } from './types.ts';

/** A page: which events, how many at most (1–1000), and how many seconds to wait for the first (0–30). */
export type PageWanted = Wanted & { readonly limit?: number; readonly wait?: number };

const PATH = 'v1/events';
const MEDIA_TYPE = 'application/cloudevents-batch+json';
const LIMIT = 1_000;
const WAIT_S = 30;
/** A server that does not let us wait is asked no more often. */
const IDLE_MS = 1_000;

/** One request of the feed. */
export async function page(server: Server, wanted: PageWanted): Promise<Page> {
  const { limit, wait, signal } = wanted;
  const watch = new Watch(signal, server.pace.silenceMs);
  try {
    const query = { ...queryOf(wanted), limit, wait };
    const response = await watch.next(ask(server, PATH, query, MEDIA_TYPE, watch.signal));
    const events = (await watch.next(response.json())) as CloudEvent[];
    return inOrder(events, wanted.after ?? -1, response.headers);
  } finally {
    watch.end();
  }
}

/** The pages of the feed, one after the other; at its end it waits for more. */
export async function* pages(
  server: Server,
  wanted: PageWanted,
  retries: Retries,
): AsyncGenerator<Page, void, void> {
  let after = wanted.after ?? -1;
  while (!wanted.signal?.aborted) {
    const began = server.pace.now();
    const asked = { limit: LIMIT, wait: WAIT_S, ...wanted, after };
    const got = await page(server, asked).catch((cause: unknown) => retries.failed(cause));
    if (!got) continue;
    retries.worked();
    const isNews = got.after !== after;
    after = got.after;
    if (isNews) yield got;
    else await rest(server, began, wanted.signal);
  }
}

/** The events of the feed, in order, each once; at its end it waits for more. */
export async function* events(
  server: Server,
  wanted: PageWanted,
  retries: Retries,
): AsyncGenerator<Told, void, void> {
  for await (const { events, after } of pages(server, wanted, retries))
    for (const [n, event] of events.entries()) {
      if (wanted.signal?.aborted) return;
      yield { event, after: n === events.length - 1 ? after : indexOf(event) };
    }
}

async function rest({ pace }: Server, began: number, signal: AbortSignal | undefined): Promise<void> {
  const left = began + IDLE_MS - pace.now();
  if (left > 0) await pace.sleep(left, signal);
}

/** The page, where its order is what the feed promises: else something between us changes its answers. */
function inOrder(events: readonly CloudEvent[], after: number, headers: Headers): Page {
  const next = numberIn(headers, 'x-next-after');
  const indexes = [after, ...events.map(indexOf)];
  const isRising = indexes.every((index, n) => n === 0 || index > (indexes[n - 1] as number));
  if (!isRising || next < (indexes.at(-1) as number))
    throw new JejakError(
      `the feed gives what does not follow ${after} (it says ${indexes.slice(1, 4)}… and next ${next}): is there a cache that ignores the query?`,
      true,
    );
  return { events, after: next, logSize: numberIn(headers, 'x-log-size') };
}

function numberIn(headers: Headers, name: string): number {
  const value = headers.get(name);
  if (value !== null && /^(-1|\d{1,15})$/.test(value)) return Number(value);
  throw new JejakError(`the feed has no ${name} (${value}): is there a proxy that takes headers away?`, true);
}
