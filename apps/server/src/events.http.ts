import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { type Clearance, eventStream, type FeedPage, feedPage, Tail, Told } from '@app/delivery';
import { CATALOGUE } from '@app/domain/catalogue';
import { subjectOf } from '@app/domain/civil-servant';
import { OpenRecord } from '@app/record';
import { Query as Asked, Controller, Logger, Req, Res, StreamableFile } from '@nestjs/common';
import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Who } from './auth.ts';
import { clearanceIn, cleared } from './clearance.ts';
import { afterIn, FeedAskedFor, FollowAsked, wantedIn } from './events-asked.ts';
import { BATCH, EVENT, EventsDoor, LINES, STREAM } from './events-door.ts';
import { notFound, Problem } from './problem.ts';
import { actingRole } from './roles.ts';
import { Stopping } from './stopping.ts';
import { EventId } from './subject.ts';

const DEFAULT_LIMIT = 100;
const SECOND_MS = 1_000;
const MOST_STREAMS = 2_000;
/** A reader that takes nothing for so long is cut off; it goes on from where it was. */
const NOTHING_TAKEN_MS = 120_000;
/** What the pages look like: another version of a shape is another page. */
const SHAPES = createHash('sha256').update(JSON.stringify(CATALOGUE)).digest('base64url').slice(0, 8);

/** An event by its id, for whoever was told of it without its data; undefined: there is none that may be known of. */
export class TellEvent extends Query<string | undefined> {
  constructor(
    readonly event: string,
    readonly clearance: Clearance,
  ) {
    super();
  }
}

@QueryHandler(TellEvent)
export class TellEventHandler implements IQueryHandler<TellEvent> {
  constructor(
    private readonly record: OpenRecord,
    private readonly tail: Tail,
  ) {}

  async execute({ event, clearance: { sees } }: TellEvent): Promise<string | undefined> {
    const found = await this.record.journal.find(event);
    if (!found) return undefined;
    const [row] = await this.record.journal.pass({ after: found.index - 1, upTo: found.index, limit: 1 });
    // Who may know of it may come for it; that is entered in the access log each time.
    return row && new Told(row, this.tail.origin).text({ sees, reads: sees });
  }
}

/** The events in the order of the journal: in pages, as a stream, one by one (proof 3.20–3.22). */
@ApiTags('events')
@Controller('v1/events')
export class EventsHttp {
  readonly #log = new Logger('EventsHttp');
  #streams = 0;

  constructor(
    private readonly queries: QueryBus,
    private readonly tail: Tail,
    private readonly who: Who,
    private readonly stopping: Stopping,
  ) {}

  @EventsDoor('', [BATCH, LINES], 'Events in order')
  async feed(
    @Asked() asked: FeedAskedFor,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const clearance = clearanceIn(request);
    const isStored = asked.shape === 'stored';
    if (isStored && actingRole(request) !== 'inspektorat')
      throw new Problem(403, { detail: 'shape=stored needs the role inspektorat' });
    const after = afterIn(asked, await this.tail.size());
    const { limit = DEFAULT_LIMIT, wait = 0 } = asked;
    const page = await feedPage(
      this.tail,
      { after, limit, waitMs: wait * SECOND_MS, wanted: wantedIn(asked) },
      clearance,
      AbortSignal.any([this.stopping.signal, closed(reply)]),
    );
    const form = isLines(request) ? LINES : isStored ? 'application/json' : BATCH;
    const tag = `"${after}-${page.next}-${clearance.sees}-${clearance.reads}-${isStored ? 'stored' : SHAPES}-${form === LINES ? 'l' : 'b'}"`;
    void reply.headers({ ...pageHeaders(request.url, page), etag: tag, vary: 'accept, authorization' });
    void reply.type(`${form}; charset=utf-8`);
    if (request.headers['if-none-match'] === tag) {
      void reply.code(304);
      return '';
    }
    return worded(page, form, (told) => (isStored ? told.stored : told.text(clearance)));
  }

  @EventsDoor('stream', [STREAM], 'Events in order, and those to come')
  async stream(
    @Asked() asked: FollowAsked,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    if (this.#streams >= MOST_STREAMS)
      throw new Problem(503, { detail: 'too many read the stream already' }, { 'retry-after': '30' });
    const header = request.headers['last-event-id'];
    const after = afterIn(asked, await this.tail.size(), header === undefined ? undefined : String(header));
    const { authorization } = request.headers;
    const gone = closed(reply);
    const lines = eventStream(
      this.tail,
      {
        after,
        wanted: wantedIn(asked),
        clearance: async () => cleared(await this.who.authenticate(authorization)),
      },
      AbortSignal.any([this.stopping.signal, gone]),
    );
    this.#streams++;
    gone.addEventListener('abort', () => {
      this.#streams--;
    });
    const { socket } = reply.raw;
    socket?.setTimeout(NOTHING_TAKEN_MS, () => socket.destroy());
    void reply.headers({ 'cache-control': 'no-cache', 'x-accel-buffering': 'no' });
    const file = new StreamableFile(Readable.from(lines, { objectMode: false }), {
      type: `${STREAM}; charset=utf-8`,
    });
    // That a reader goes is how every stream ends.
    return file.setErrorLogger((cause) => {
      if (!gone.aborted) this.#log.error('a stream broke off', cause);
    });
  }

  @EventsDoor(':event', [EVENT], 'One event, with its data', {
    ofPersons: true,
    subjectsIn: (text: string) => {
      const subject = subjectOf(JSON.parse(text).subject);
      return subject === undefined ? [] : [subject];
    },
  })
  async one(
    @EventId() event: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const text = await this.queries.execute(new TellEvent(event, clearanceIn(request)));
    if (text === undefined) throw notFound('there is no such event (yet)');
    void reply.type(`${EVENT}; charset=utf-8`);
    return text;
  }
}

const isLines = ({ headers: { accept = '' } }: FastifyRequest): boolean =>
  /\bapplication\/x-ndjson\b/.test(accept);

function worded({ told }: FeedPage, form: string, text: (told: Told) => string | undefined): string {
  const texts = told.map(text);
  return form === LINES ? texts.map((one) => `${one}\n`).join('') : `[${texts.join(',\n')}]`;
}

function pageHeaders(url: string, { next, size, isWhole }: FeedPage): Record<string, string> {
  const [path = '', query] = url.split('?');
  const asked = new URLSearchParams(query);
  asked.delete('lastEventId');
  asked.set('after', String(next));
  return {
    'x-next-after': String(next),
    'x-log-size': String(size),
    link: `<${path}?${asked}>; rel="next"`,
    // Whoever has a page that is whole has read it once for all; another may not share it.
    'cache-control': isWhole ? 'private, max-age=86400, immutable' : 'private, no-cache',
  };
}

/** Aborts when whoever asked has gone. */
function closed(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return gone.signal;
}
