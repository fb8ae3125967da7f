import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import streamsPb, { type ReadReq, type ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerWritableStream } from '@grpc/grpc-js';
import type { Faults } from './faults.ts';
import type { Log, Recorded } from './log.ts';
import type { Question } from './question.ts';

export type ReadCall = ServerWritableStream<ReadReq, ReadResp>;

/** Writes messages of one call no faster than the client takes them. */
export class Sender {
  #checkpoint = -1;

  constructor(
    private readonly call: ReadCall,
    private readonly faults: Faults,
    readonly signal: AbortSignal,
  ) {}

  async send(message: ReadResp): Promise<void> {
    this.signal.throwIfAborted();
    if (!this.call.write(message)) await once(this.call, 'drain', { signal: this.signal });
  }

  async event(event: Recorded): Promise<void> {
    for (let copies = this.faults.copies(); copies > 0; copies--) await this.send(eventOf(event));
  }

  /** A checkpoint is not sent twice. */
  async checkpoint({ position }: Recorded): Promise<void> {
    if (position <= this.#checkpoint) return;
    this.#checkpoint = position;
    await this.send(checkpoint(String(position)));
  }
}

/** Sends what a bounded read asks for. A stream that was never written or was deleted is `stream_not_found`. */
export async function answer(question: Question, log: Log, sender: Sender): Promise<void> {
  const { stream, backwards, count, filter, start } = question;
  const events = question.events();
  const first = stream === undefined ? 0 : log.first(stream);
  if (stream !== undefined && first >= events.length) return sender.send(notFound(stream));
  const step = backwards ? -1 : 1;
  let sent = 0;
  for (let n = start; n >= first && n < events.length && sent < count; n += step) {
    const event = events[n] as Recorded;
    if (filter && !filter.wants(event)) continue;
    sent++;
    await sender.event(event);
  }
}

/** Sends what there is and what is to come, until the signal aborts. */
export async function follow(question: Question, log: Log, sender: Sender): Promise<void> {
  const { filter } = question;
  await sender.send(confirmation());
  let next = question.start;
  const isBehind = next < question.events().length;
  next = await sendFrom(next, question, sender);
  const last = question.events()[next - 1];
  if (isBehind && filter && last) await sender.checkpoint(last);
  await sender.send(caughtUp());
  for (;;) {
    await log.more(sender.signal);
    sender.signal.throwIfAborted();
    next = await sendFrom(next, question, sender);
  }
}

/** Sends what there is from an index on, and the checkpoints that are due; gives the next index. */
async function sendFrom(start: number, { events, filter }: Question, sender: Sender): Promise<number> {
  let next = start;
  for (let event = events()[next]; event; event = events()[next]) {
    next++;
    if (!filter || filter.wants(event)) await sender.event(event);
    if (filter?.isCheckpoint()) await sender.checkpoint(event);
  }
  return next;
}

function eventOf(event: Recorded): ReadResp {
  const position = String(event.position);
  const recorded = new streamsPb.ReadResp.ReadEvent.RecordedEvent()
    .setId(new sharedPb.UUID().setString(event.id))
    .setStreamIdentifier(identifier(event.stream))
    .setStreamRevision(String(event.revision))
    .setCommitPosition(position)
    .setPreparePosition(position)
    .setData(event.data)
    .setCustomMetadata(event.metadata);
  recorded
    .getMetadataMap()
    .set('type', event.type)
    .set('content-type', event.isJson ? 'application/json' : 'application/octet-stream')
    .set('created', event.created);
  const read = new streamsPb.ReadResp.ReadEvent().setEvent(recorded).setCommitPosition(position);
  return new streamsPb.ReadResp().setEvent(read);
}

const identifier = (stream: string) =>
  new sharedPb.StreamIdentifier().setStreamName(Uint8Array.from(Buffer.from(stream)));

const notFound = (stream: string) =>
  new streamsPb.ReadResp().setStreamNotFound(
    new streamsPb.ReadResp.StreamNotFound().setStreamIdentifier(identifier(stream)),
  );

const confirmation = () =>
  new streamsPb.ReadResp().setConfirmation(
    new streamsPb.ReadResp.SubscriptionConfirmation().setSubscriptionId(randomUUID()),
  );

const caughtUp = () => new streamsPb.ReadResp().setCaughtUp(new streamsPb.ReadResp.CaughtUp());

const checkpoint = (position: string) =>
  new streamsPb.ReadResp().setCheckpoint(
    new streamsPb.ReadResp.Checkpoint().setCommitPosition(position).setPreparePosition(position),
  );
