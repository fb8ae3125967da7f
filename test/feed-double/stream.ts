import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { CloudEvent } from '@app/delivery';
import type { Asked, Recorded } from './asked.ts';
import { wantedBy } from './feed.ts';

/** Answers `GET /v1/events/stream`: what there is and what comes, with word of what was passed over, until it is ended. */
export async function answerStream(record: Recorded, asked: Asked, response: ServerResponse): Promise<void> {
  const over = new AbortController();
  const takeBack = record.whenEnded(() => over.abort());
  response.on('close', () => over.abort());
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  });
  response.write('retry: 3000\n\n: hb\n\n');
  const after = asked.headers['last-event-id'] ?? asked.url.searchParams.get('after') ?? '-1';
  try {
    await tell(record, asked, Number(after), response, over.signal);
  } finally {
    takeBack();
    response.end();
  }
}

async function tell(
  record: Recorded,
  asked: Asked,
  after: number,
  response: ServerResponse,
  over: AbortSignal,
): Promise<void> {
  const wanted = wantedBy(asked);
  let told = after;
  for (let index = after + 1; !over.aborted; index++) {
    while (index >= record.events.length && !over.aborted) {
      told = checkpoint(response, told, index - 1, 1);
      await record.more(over);
    }
    const event = record.events[index];
    if (event && wanted(event)) {
      await send(response, event, over);
      told = index;
    } else told = checkpoint(response, told, index, record.checkpointEvery);
  }
}

/** Sends an event no faster than the reader takes it. */
async function send(response: ServerResponse, event: CloudEvent, over: AbortSignal): Promise<void> {
  const text = `id: ${Number(event.sequence)}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
  if (!response.write(text)) await once(response, 'drain', { signal: over }).catch(() => undefined);
}

/** Says how far it is, where so many were passed over; gives what the reader knows of. */
function checkpoint(response: ServerResponse, told: number, index: number, every: number): number {
  if (index - told < every) return told;
  const sequence = String(index).padStart(20, '0');
  response.write(`id: ${index}\nevent: checkpoint\ndata: {"sequence":"${sequence}"}\n\n`);
  return index;
}
