import { once } from 'node:events';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streamsPb, {
  type AppendReq,
  type AppendResp,
  type DeleteReq,
  type DeleteResp,
  type TombstoneReq,
  type TombstoneResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import {
  type ServerDuplexStream,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { answerTo, appendOf, deleted } from './append.ts';
import type { Fault, Faults } from './faults.ts';
import type { Log } from './log.ts';
import { readOf, subscriptionOf } from './question.ts';
import { answer, follow, type ReadCall, Sender } from './read.ts';
import { notLeader, Refusal } from './refusal.ts';

/** On the wire a stream of requests is the same whether one answer follows or many; this way none can follow, too. */
const { batchAppend: _, ...calls } = streamsGrpc.StreamsService;
export const STREAMS = { ...calls, append: { ...calls.append, responseStream: true } };

type AppendCall = ServerDuplexStream<AppendReq, AppendResp>;
type Answering = ReadCall | AppendCall;

/** The calls of the service `Streams`, all but BatchAppend (the client asks first and goes without). */
export class Streams {
  readonly #subscriptions = new Map<ReadCall, AbortController>();

  constructor(
    private readonly log: Log,
    private readonly faults: Faults,
    private readonly mostBytes: number,
    private readonly reset: () => void,
    private readonly port: () => number,
  ) {}

  get subscriptions(): number {
    return this.#subscriptions.size;
  }

  get handlers(): UntypedServiceImplementation {
    return {
      append: (call: AppendCall) => void this.#append(call),
      read: (call: ReadCall) => void this.#read(call),
      delete: (call: ServerUnaryCall<DeleteReq, DeleteResp>, done: sendUnaryData<DeleteResp>) =>
        answerOnce(done, () => {
          const at = String(deleted(call.request, this.log, 'soft'));
          const position = new streamsPb.DeleteResp.Position().setCommitPosition(at).setPreparePosition(at);
          return new streamsPb.DeleteResp().setPosition(position);
        }),
      tombstone: (call: ServerUnaryCall<TombstoneReq, TombstoneResp>, done: sendUnaryData<TombstoneResp>) =>
        answerOnce(done, () => {
          const at = String(deleted(call.request, this.log, 'hard'));
          const position = new streamsPb.TombstoneResp.Position()
            .setCommitPosition(at)
            .setPreparePosition(at);
          return new streamsPb.TombstoneResp().setPosition(position);
        }),
    };
  }

  /** Ends the subscriptions that are live. */
  drop(how: 'end-ok' | 'unavailable' | 'reset'): void {
    for (const [call, stopping] of this.#subscriptions) {
      stopping.abort();
      this.#failWith({ kind: how }, call);
    }
  }

  async #append(call: AppendCall): Promise<void> {
    const met = this.faults.meet('append');
    try {
      const append = appendOf(await requestsOf(call), this.mostBytes);
      if (!met) {
        call.write(answerTo(append, this.log));
        call.end();
        return;
      }
      if (met.applied) this.log.append(append.stream, append.expected, append.events);
      this.#failWith(met.fault, call);
    } catch (error) {
      refuse(call, error);
    }
  }

  async #read(call: ReadCall): Promise<void> {
    const options = call.request.getOptions();
    const isSubscription = options?.hasSubscription() ?? false;
    const met = this.faults.meet(isSubscription ? 'subscribe' : 'read');
    if (met) {
      this.#failWith(met.fault, call);
      return;
    }
    const stopping = new AbortController();
    call.on('cancelled', () => stopping.abort());
    const sender = new Sender(call, this.faults, stopping.signal);
    try {
      if (!options?.hasUuidOption()) throw new Refusal(status.INVALID_ARGUMENT, "'uuidOption' is required");
      if (isSubscription) {
        this.#subscriptions.set(call, stopping);
        await follow(subscriptionOf(options, this.log), this.log, sender);
      } else await answer(readOf(options, this.log), this.log, sender);
      call.end();
    } catch (error) {
      if (!stopping.signal.aborted) refuse(call, error);
    } finally {
      this.#subscriptions.delete(call);
    }
  }

  #failWith({ kind }: Fault, call: Answering): void {
    if (kind === 'end-ok') call.end();
    else if (kind === 'reset') this.reset();
    else if (kind !== 'no-reply') refuse(call, this.#refusal(kind));
  }

  #refusal(kind: 'unavailable' | 'cancelled' | 'not-leader'): Refusal {
    if (kind === 'not-leader') return notLeader('127.0.0.1', this.port());
    return kind === 'unavailable'
      ? new Refusal(status.UNAVAILABLE, 'Server Is Not Ready')
      : new Refusal(status.CANCELLED, 'The server gave the call up');
  }
}

/** Iterating would end the answering side, too. */
async function requestsOf(call: AppendCall): Promise<AppendReq[]> {
  const requests: AppendReq[] = [];
  call.on('data', (request: AppendReq) => requests.push(request));
  await once(call, 'end');
  // A client that goes away in the middle ends its requests too: half of them are no append.
  await new Promise((settle) => setImmediate(settle));
  if (call.cancelled) throw new Refusal(status.CANCELLED, 'the client went away');
  return requests;
}

/** What no server says on purpose is said as .NET says it. */
export const refusalOf = (error: unknown): Refusal =>
  error instanceof Refusal ? error : new Refusal(status.UNKNOWN, `Exception was thrown by handler. ${error}`);

function refuse(call: Answering, error: unknown): void {
  call.emit('error', refusalOf(error));
}

export function answerOnce<T>(done: sendUnaryData<T>, work: () => T): void {
  try {
    done(null, work());
  } catch (error) {
    done(refusalOf(error));
  }
}
