import streamsPb, { type ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { streamOf } from './append.ts';
import type { Log, Recorded } from './log.ts';
import { invalidArgument, invalidPosition, streamDeleted } from './refusal.ts';

const { StreamOptions, AllOptions, ReadDirection } = streamsPb.ReadReq.Options;
/** Events that the server considers for one checkpoint, where the client sets no search window. */
const DEFAULT_WINDOW = 32;

/** Which events of $all are wanted. */
export type Filter = {
  readonly wants: (event: Recorded) => boolean;
  /** Asked after every event that was considered: whether a checkpoint is due. */
  readonly isCheckpoint: () => boolean;
};

/** What a Read asks for. `events` grows with the log; `start` is an index in it. */
export type Question = {
  readonly events: () => readonly Recorded[];
  /** The stream; undefined: $all. */
  readonly stream?: string;
  readonly start: number;
  readonly backwards: boolean;
  readonly count: number;
  readonly filter: Filter | undefined;
};

/** A bounded read. Its start is inclusive forwards; backwards it is inclusive in a stream and exclusive in $all. */
export function readOf(options: ReadReq.Options, log: Log): Question {
  const backwards = options.getReadDirection() === ReadDirection.BACKWARDS;
  const count = Number(options.getCount());
  const filter = filterOf(options);
  if (!options.hasStream())
    return { events: () => log.all, start: startInAll(options, log, backwards), backwards, count, filter };
  const stream = nameOf(options, log);
  return {
    events: () => log.events(stream),
    stream,
    start: startInStream(options, log, backwards),
    backwards,
    count,
    filter,
  };
}

/** A subscription. What it starts from is exclusive. */
export function subscriptionOf(options: ReadReq.Options, log: Log): Question {
  if (options.getReadDirection() === ReadDirection.BACKWARDS)
    throw invalidArgument('a subscription cannot go backwards');
  const filter = filterOf(options);
  const rest = { backwards: false, count: Number.POSITIVE_INFINITY, filter };
  if (!options.hasStream()) return { ...rest, events: () => log.all, start: startAfter(options, log) };
  const stream = nameOf(options, log);
  const from = options.getStream();
  const given = from?.getRevisionOptionCase();
  const after =
    given === StreamOptions.RevisionOptionCase.REVISION ? Number(from?.getRevision()) + 1 : log.first(stream);
  const start = given === StreamOptions.RevisionOptionCase.END ? log.events(stream).length : after;
  return { ...rest, events: () => log.events(stream), stream, start };
}

function nameOf(options: ReadReq.Options, log: Log): string {
  const name = streamOf(options.getStream() as ReadReq.Options.StreamOptions);
  if (log.isTombstoned(name)) throw streamDeleted(name);
  return name;
}

function startInStream(options: ReadReq.Options, log: Log, backwards: boolean): number {
  const from = options.getStream() as ReadReq.Options.StreamOptions;
  const stream = streamOf(from);
  const [first, last] = [log.first(stream), log.events(stream).length - 1];
  switch (from.getRevisionOptionCase()) {
    case StreamOptions.RevisionOptionCase.START:
      return backwards ? 0 : first;
    case StreamOptions.RevisionOptionCase.END:
      return backwards ? last : last + 1;
    case StreamOptions.RevisionOptionCase.REVISION:
      return backwards
        ? Math.min(Number(from.getRevision()), last)
        : Math.max(Number(from.getRevision()), first);
    default:
      throw invalidArgument('a revision to start from is required');
  }
}

function startInAll(options: ReadReq.Options, log: Log, backwards: boolean): number {
  const from = options.getAll();
  switch (from?.getAllOptionCase()) {
    case AllOptions.AllOptionCase.START:
      return backwards ? -1 : 0;
    case AllOptions.AllOptionCase.END:
      return backwards ? log.all.length - 1 : log.all.length;
    case AllOptions.AllOptionCase.POSITION: {
      const { commit, prepare } = positionOf(from, log);
      if (backwards && !log.isReadableBackwards(commit)) throw invalidPosition();
      return backwards ? log.indexAt(commit, prepare) - 1 : log.indexAt(commit, prepare);
    }
    default:
      throw invalidArgument('a position to start from is required');
  }
}

function startAfter(options: ReadReq.Options, log: Log): number {
  const from = options.getAll();
  switch (from?.getAllOptionCase()) {
    case AllOptions.AllOptionCase.START:
      return 0;
    case AllOptions.AllOptionCase.END:
      return log.all.length;
    case AllOptions.AllOptionCase.POSITION: {
      const { commit, prepare } = positionOf(from, log);
      return log.indexAt(commit, prepare + 1);
    }
    default:
      throw invalidArgument('a position to start from is required');
  }
}

function positionOf(from: ReadReq.Options.AllOptions, log: Log): { commit: number; prepare: number } {
  const commit = Number(from.getPosition()?.getCommitPosition());
  const prepare = Number(from.getPosition()?.getPreparePosition());
  if (prepare > commit) throw invalidArgument('The commit position cannot be less than the prepare position');
  if (!log.isReadable(commit)) throw invalidPosition();
  return { commit, prepare };
}

function filterOf(options: ReadReq.Options): Filter | undefined {
  const filter = options.getFilter();
  if (filter && options.hasStream()) throw invalidArgument('only $all can be filtered');
  return filter && filterIn(filter);
}

/** A filter as reads and groups have it: the same on the wire, by types of their own. */
export function filterIn(filter: {
  hasEventType(): boolean;
  getEventType(): Expression | undefined;
  getStreamIdentifier(): Expression | undefined;
  hasMax(): boolean;
  getMax(): number;
  getCheckpointintervalmultiplier(): number;
}): Filter {
  const onType = filter.hasEventType();
  const expression = onType ? filter.getEventType() : filter.getStreamIdentifier();
  const [regex, prefixes] = [expression?.getRegex(), expression?.getPrefixList() ?? []];
  if (!regex && prefixes.length === 0) throw invalidArgument('a filter needs a regex or prefixes');
  const pattern = regex ? new RegExp(regex) : undefined;
  const matches = (text: string) => pattern?.test(text) ?? prefixes.some((prefix) => text.startsWith(prefix));
  const window = filter.hasMax() ? filter.getMax() : DEFAULT_WINDOW;
  const interval = filter.getCheckpointintervalmultiplier() * window;
  let considered = 0;
  return {
    wants: ({ type, stream }) => matches(onType ? type : stream),
    isCheckpoint: () => ++considered % interval === 0,
  };
}

type Expression = { getRegex(): string; getPrefixList(): string[] };
