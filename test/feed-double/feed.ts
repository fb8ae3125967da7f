import type { ServerResponse } from 'node:http';
import type { CloudEvent } from '@app/delivery';
import type { Asked, Recorded } from './asked.ts';

/** What of the events a request wants to see. */
export function wantedBy({ url }: Asked): (event: CloudEvent) => boolean {
  const listed = (name: string) => url.searchParams.get(name)?.split(',');
  const [types, subjects, classes] = [listed('types'), listed('subjects'), listed('classification')];
  return ({ type, subject, dataclassification }) =>
    (types?.some((name) => name === type || type === `id.jejak.${name}.v1`) ?? true) &&
    (subjects?.includes(subject) ?? true) &&
    (classes?.includes(dataclassification) ?? true);
}

/** So many events are looked at for one page, at most. */
const MOST_LOOKED_AT = 5_000;

/** Answers `GET /v1/events`: one page, at once where there is something to look at, else after `wait` at the latest. */
export async function answerFeed(record: Recorded, asked: Asked, response: ServerResponse): Promise<void> {
  const { searchParams } = asked.url;
  const after = Number(searchParams.get('after') ?? -1);
  const [limit, wait] = [Number(searchParams.get('limit') ?? 100), Number(searchParams.get('wait') ?? 0)];
  if (!Number.isInteger(after) || after < -1 || limit > 1_000 || wait > 30)
    return problem(response, 400, 'The request is not in order');
  const over = AbortSignal.timeout(wait * 1_000);
  while (record.events.length <= after + 1 && !over.aborted && !response.closed) await record.more(over);
  const { page, next } = look(record.events, after, limit, wantedBy(asked));
  response
    .writeHead(200, {
      'content-type': 'application/cloudevents-batch+json; charset=utf-8',
      'x-next-after': String(next),
      'x-log-size': String(record.events.length),
      link: `<${asked.url.origin}/v1/events?after=${next}>; rel="next"`,
    })
    .end(JSON.stringify(page));
}

/** A page of what is wanted, and how far was looked for it. */
function look(
  events: readonly CloudEvent[],
  after: number,
  limit: number,
  wanted: (event: CloudEvent) => boolean,
): { page: CloudEvent[]; next: number } {
  const page: CloudEvent[] = [];
  let next = after;
  for (const event of events.slice(after + 1, after + 1 + MOST_LOOKED_AT)) {
    if (page.length === limit) break;
    next++;
    if (wanted(event)) page.push(event);
  }
  return { page, next };
}

export function problem(response: ServerResponse, status: number, title: string): void {
  const body = { type: 'about:blank', title, status, detail: `this is the double's ${status}` };
  response.writeHead(status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(body));
}
