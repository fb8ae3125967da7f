import persistentGrpc from '@eventstore/db-client/generated/persistent_grpc_pb.js';
import persistentPb, {
  type CreateReq,
  type CreateResp,
  type DeleteReq,
  type DeleteResp,
  type ListReq,
  type ListResp,
  type ReadReq,
  type ReadResp,
  type ReplayParkedReq,
  type ReplayParkedResp,
} from '@eventstore/db-client/generated/persistent_pb.js';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import type {
  ServerDuplexStream,
  ServerUnaryCall,
  sendUnaryData,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { type Consumer, Group, type GroupSettings, type NackAction } from './group.ts';
import type { Log, Recorded } from './log.ts';
import { filterIn } from './question.ts';
import { groupDropped, groupExists, invalidArgument, noSuchGroup } from './refusal.ts';
import { answerOnce, refusalOf } from './streams.ts';

export const GROUPS = persistentGrpc.PersistentSubscriptionsService;

type ReadCall = ServerDuplexStream<ReadReq, ReadResp>;
type Unary<Asked, Answer> = ServerUnaryCall<Asked, Answer>;
const { AllOptionCase } = persistentPb.CreateReq.AllOptions;
const { ConsumerStrategy } = persistentPb.CreateReq;
const { Action } = persistentPb.ReadReq.Nack;
const STRATEGIES = {
  [ConsumerStrategy.ROUNDROBIN]: 'RoundRobin',
  [ConsumerStrategy.PINNED]: 'Pinned',
  [ConsumerStrategy.DISPATCHTOSINGLE]: 'DispatchToSingle',
} as const;
const ACTIONS: Readonly<Record<number, NackAction>> = { [Action.PARK]: 'park', [Action.SKIP]: 'skip' };

/** The calls of the service `PersistentSubscriptions`, as far as they are about groups to $all. */
export class Groups {
  readonly #groups = new Map<string, Group>();
  readonly #calls = new Map<ReadCall, string>();

  constructor(private readonly log: Log) {
    void this.#follow();
  }

  get handlers(): UntypedServiceImplementation {
    return {
      create: (call: Unary<CreateReq, CreateResp>, done: sendUnaryData<CreateResp>) =>
        answerOnce(done, () => {
          const settings = settingsOf(call.request.getOptions(), this.log);
          if (this.#groups.has(settings.name)) throw groupExists(settings.name);
          this.#groups.set(settings.name, new Group(settings, this.log));
          return new persistentPb.CreateResp();
        }),
      delete: (call: Unary<DeleteReq, DeleteResp>, done: sendUnaryData<DeleteResp>) =>
        answerOnce(done, () => {
          const name = call.request.getOptions()?.getGroupName() ?? '';
          this.#named(name);
          this.#groups.delete(name);
          for (const [open, group] of this.#calls) if (group === name) open.emit('error', groupDropped(name));
          return new persistentPb.DeleteResp();
        }),
      list: (_: Unary<ListReq, ListResp>, done: sendUnaryData<ListResp>) =>
        answerOnce(done, () => {
          if (this.#groups.size === 0) throw noSuchGroup('');
          return new persistentPb.ListResp().setSubscriptionsList([...this.#groups.values()].map(toldOf));
        }),
      replayParked: (call: Unary<ReplayParkedReq, ReplayParkedResp>, done: sendUnaryData<ReplayParkedResp>) =>
        answerOnce(done, () => {
          this.#named(call.request.getOptions()?.getGroupName() ?? '').replayParked();
          return new persistentPb.ReplayParkedResp();
        }),
      read: (call: ReadCall) => this.#read(call),
    };
  }

  #named(name: string): Group {
    const group = this.#groups.get(name);
    if (!group) throw noSuchGroup(name);
    return group;
  }

  /** For as long as the process lives. */
  async #follow(): Promise<void> {
    for (const never = new AbortController().signal; ; await this.log.more(never))
      for (const group of this.#groups.values()) group.pump();
  }

  #read(call: ReadCall): void {
    let joined: { group: Group; consumer: Consumer } | undefined;
    const leave = () => {
      joined?.group.leave(joined.consumer);
      joined = undefined;
      this.#calls.delete(call);
    };
    call.on('data', (request: ReadReq) => {
      try {
        if (joined) answer(joined.group, joined.consumer, request);
        else joined = this.#join(call, request);
      } catch (error) {
        call.emit('error', refusalOf(error));
      }
    });
    call.on('cancelled', leave);
    call.on('error', leave);
    call.on('end', () => {
      leave();
      call.end();
    });
  }

  #join(call: ReadCall, request: ReadReq): { group: Group; consumer: Consumer } {
    const options = request.getOptions();
    if (!options?.hasAll()) throw invalidArgument('this server has groups to $all only');
    const group = this.#named(options.getGroupName());
    const id = `$all::${group.settings.name}`;
    const confirmation = new persistentPb.ReadResp.SubscriptionConfirmation().setSubscriptionId(id);
    call.write(new persistentPb.ReadResp().setSubscriptionConfirmation(confirmation));
    const consumer: Consumer = {
      bufferSize: options.getBufferSize(),
      inFlight: new Map(),
      send: (event, retries) => call.write(sent(event, retries)),
    };
    this.#calls.set(call, group.settings.name);
    group.join(consumer);
    return { group, consumer };
  }
}

function answer(group: Group, consumer: Consumer, request: ReadReq): void {
  const idsOf = (answered: { getIdsList(): { getString(): string }[] } | undefined) =>
    (answered?.getIdsList() ?? []).map((id) => id.getString());
  const nack = request.getNack();
  if (nack) group.nack(consumer, idsOf(nack), ACTIONS[nack.getAction()] ?? 'retry');
  else group.ack(consumer, idsOf(request.getAck()));
}

function settingsOf(options: CreateReq.Options | undefined, log: Log): GroupSettings {
  const [all, settings] = [options?.getAll(), options?.getSettings()];
  if (!options || !all || !settings) throw invalidArgument('this server has groups to $all only');
  const filter = all.getFilter();
  return {
    name: options.getGroupName(),
    filter: filter && filterIn(filter),
    ...startOf(all, log),
    strategy: STRATEGIES[settings.getNamedConsumerStrategy()],
    maxRetryCount: settings.getMaxRetryCount(),
  };
}

/** A position is inclusive. */
function startOf(all: CreateReq.AllOptions, log: Log): { start: number; startFrom: string } {
  switch (all.getAllOptionCase()) {
    case AllOptionCase.START:
      return { start: 0, startFrom: 'C:0/P:0' };
    case AllOptionCase.END:
      return { start: log.all.length, startFrom: 'C:-1/P:-1' };
    default: {
      const commit = Number(all.getPosition()?.getCommitPosition());
      return { start: log.indexAt(commit), startFrom: `C:${commit}/P:${commit}` };
    }
  }
}

const placeOf = (event: Recorded | undefined) => (event ? `C:${event.position}/P:${event.position}` : '');

const toldOf = (group: Group) =>
  new persistentPb.SubscriptionInfo()
    .setEventSource('$all')
    .setGroupName(group.settings.name)
    .setStatus('Live')
    .setNamedConsumerStrategy(group.settings.strategy)
    .setMaxRetryCount(group.settings.maxRetryCount)
    .setStartFrom(group.settings.startFrom)
    .setParkedMessageCount(String(group.parked.length))
    .setConnectionsList(group.consumers.map(() => new persistentPb.SubscriptionInfo.ConnectionInfo()))
    .setLastCheckpointedEventPosition(placeOf(group.checkpoint))
    .setLastKnownEventPosition(placeOf(group.last));

function sent(event: Recorded, retries: number): ReadResp {
  const { ReadEvent } = persistentPb.ReadResp;
  const position = String(event.position);
  const recorded = new ReadEvent.RecordedEvent()
    .setId(new sharedPb.UUID().setString(event.id))
    .setStreamIdentifier(
      new sharedPb.StreamIdentifier().setStreamName(Uint8Array.from(Buffer.from(event.stream))),
    )
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
  const read = new ReadEvent().setEvent(recorded).setCommitPosition(position).setRetryCount(retries);
  return new persistentPb.ReadResp().setEvent(read);
}
