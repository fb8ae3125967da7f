import { ask, queryOf, type Server } from './asking.ts';
import { JejakError } from './error.ts';
import { type Retries, Watch } from './pace.ts';
import { type SseMessage, SseParser } from './sse.ts';
import { type CloudEvent, indexOf, type Told, type Wanted } from './types.ts';

/** An event, or, without one, word that everything up to `after` was looked at and none of it was wanted. */
export type StreamTold = Told | { readonly event?: undefined; readonly after: number };

const PATH = 'v1/events/stream';
const MEDIA_TYPE = 'text/event-stream';
/** Where the server did not say how long to wait before one reconnects. */
const RETRY_MS = 3_000;

/** The events of the stream, in order, each once, over as many connections as it takes. */
export async function* stream(
  server: Server,
  wanted: Wanted,
  retries: Retries,
): AsyncGenerator<StreamTold, void, void> {
  let after = wanted.after ?? -1;
  while (!wanted.signal?.aborted) {
    try {
      for await (const told of rising(connection(server, { ...wanted, after }), after, wanted.signal)) {
        retries.worked();
        after = told.after;
        yield told;
      }
    } catch (cause) {
      await retries.failed(cause);
    }
  }
}

/** What is behind `after`, each behind the one before, until the signal aborts. */
async function* rising(
  connection: AsyncIterable<StreamTold>,
  after: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<StreamTold, void, void> {
  let last = after;
  for await (const told of connection) {
    if (signal?.aborted) return;
    if (told.after <= last) continue;
    last = told.after;
    yield told;
  }
}

/** What one connection tells; it never returns, but throws how it ended. */
async function* connection(server: Server, wanted: Wanted): AsyncGenerator<StreamTold, void, void> {
  const watch = new Watch(wanted.signal, server.pace.silenceMs);
  try {
    const response = await watch.next(ask(server, PATH, queryOf(wanted), MEDIA_TYPE, watch.signal));
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const parser = new SseParser();
    for (;;) {
      const { done, value } = await watch.next(reader.read());
      if (done) throw ended(parser);
      yield* parser.push(value).flatMap(toldBy);
    }
  } finally {
    watch.end();
  }
}

const ended = ({ retryMs = RETRY_MS }: SseParser) =>
  new JejakError('the stream ended', false, { retryAfterMs: retryMs });

/** What a message tells; nothing, where it is of a kind that came later than this client. */
function toldBy({ event, data }: SseMessage): StreamTold[] {
  if (event === 'checkpoint') return [{ after: indexOf(parsed(data)) }];
  const told = parsed(data);
  return told.specversion === '1.0' ? [{ event: told, after: indexOf(told) }] : [];
}

function parsed(data: string): CloudEvent {
  try {
    return JSON.parse(data) as CloudEvent;
  } catch (cause) {
    throw new JejakError(`the stream gives what is not JSON: ${data.slice(0, 100)}`, true, { cause });
  }
}
