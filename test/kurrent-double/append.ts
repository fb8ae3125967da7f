import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import streamsPb, {
  type AppendReq,
  type AppendResp,
  type DeleteReq,
  type TombstoneReq,
} from '@eventstore/db-client/generated/streams_pb.js';
import { status } from '@grpc/grpc-js';
import type { Expected } from './check.ts';
import type { Log, Outcome, Proposed } from './log.ts';
import {
  invalidArgument,
  missingProperty,
  Refusal,
  streamDeleted,
  tooLarge,
  wrongVersion,
} from './refusal.ts';

const { Case } = { Case: streamsPb.AppendReq.Options.ExpectedStreamRevisionCase };
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const NOTHING = '00000000-0000-0000-0000-000000000000';

/** An append, whole: what the client sent in one stream of messages. Throws `Refusal` for what no server takes. */
export type Append = {
  readonly stream: string;
  readonly expected: Expected;
  readonly events: readonly Proposed[];
};

export function appendOf(requests: readonly AppendReq[], mostBytes: number): Append {
  const [options, ...messages] = requests;
  if (!options?.hasOptions()) throw new Refusal(status.UNKNOWN, 'Exception was thrown by handler.');
  const given = options.getOptions() as AppendReq.Options;
  let bytes = 0;
  const events = messages.map((message) => {
    const event = proposed(message.getProposedMessage());
    bytes += event.data.length + event.metadata.length + 2 * event.type.length;
    if (bytes > mostBytes) throw tooLarge(mostBytes);
    return event;
  });
  return { stream: streamOf(given), expected: expectedOf(given), events };
}

/** Answers an append as the server does: a conflict is an answer, a deleted stream is not. */
export function answerTo({ stream, expected, events }: Append, log: Log): AppendResp {
  const outcome = log.append(stream, expected, events);
  if (outcome.kind === 'deleted') throw streamDeleted(stream);
  const answer = new streamsPb.AppendResp();
  if (outcome.kind === 'success') return answer.setSuccess(successOf(outcome));
  return answer.setWrongExpectedVersion(conflictOf(expected, outcome.current));
}

/** Deletes a stream; gives the position of the record of it. */
export function deleted(request: DeleteReq | TombstoneReq, log: Log, how: 'soft' | 'hard'): number {
  const options = request.getOptions();
  if (!options) throw invalidArgument('options are required');
  const [stream, expected] = [streamOf(options), expectedOf(options)];
  const outcome = log.delete(stream, expected, how);
  if (outcome.kind === 'deleted') throw streamDeleted(stream);
  if (outcome.kind === 'wrong-version') throw wrongVersion(stream, numberOf(expected), outcome.current);
  return outcome.position ?? 0;
}

type Options = AppendReq.Options | DeleteReq.Options | TombstoneReq.Options;

/** The name of the stream that is asked for. */
export function streamOf(options: Pick<Options, 'getStreamIdentifier'>): string {
  const name = Buffer.from(options.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString('utf8');
  if (name === '') throw invalidArgument('a stream must have a name');
  return name;
}

function expectedOf(options: Options): Expected {
  switch (options.getExpectedStreamRevisionCase()) {
    case Case.ANY:
      return 'any';
    case Case.NO_STREAM:
      return 'no-stream';
    case Case.STREAM_EXISTS:
      return 'stream-exists';
    case Case.REVISION:
      return Number(options.getRevision());
    default:
      throw invalidArgument('an expected revision is required');
  }
}

function proposed(message: AppendReq.ProposedMessage | undefined): Proposed {
  if (!message) throw new Refusal(status.UNKNOWN, 'Exception was thrown by handler.');
  const [type, contentType] = ['type', 'content-type'].map((property) => {
    const value = message.getMetadataMap().get(property);
    if (value === undefined) throw missingProperty(property);
    return value;
  }) as [string, string];
  const id = message.getId()?.getString().toLowerCase() ?? '';
  if (!UUID.test(id) || id === NOTHING) throw new Refusal(status.UNKNOWN, `${id} is not the id of an event`);
  if (type === '') throw new Refusal(status.UNKNOWN, 'Empty eventType provided.');
  return {
    id,
    type,
    isJson: contentType === 'application/json',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}

function successOf({ revision, position }: Extract<Outcome, { kind: 'success' }>): AppendResp.Success {
  const success = new streamsPb.AppendResp.Success();
  if (revision < 0) success.setNoStream(new sharedPb.Empty());
  else success.setCurrentRevision(String(revision));
  if (position === undefined) return success.setNoPosition(new sharedPb.Empty());
  const at = new streamsPb.AppendResp.Position();
  return success.setPosition(at.setCommitPosition(String(position)).setPreparePosition(String(position)));
}

function conflictOf(expected: Expected, current: number): AppendResp.WrongExpectedVersion {
  const conflict = new streamsPb.AppendResp.WrongExpectedVersion();
  if (expected === 'any') conflict.setExpectedAny(new sharedPb.Empty());
  else if (expected === 'stream-exists') conflict.setExpectedStreamExists(new sharedPb.Empty());
  else if (expected === 'no-stream') conflict.setExpectedNoStream(new sharedPb.Empty());
  else conflict.setExpectedRevision(String(expected));
  if (current < 0) return conflict.setCurrentNoStream(new sharedPb.Empty());
  return conflict.setCurrentRevision(String(current));
}

/** As the server numbers them in the trailers of a deletion. */
function numberOf(expected: Expected): number {
  if (typeof expected === 'number') return expected;
  return { any: -2, 'no-stream': -1, 'stream-exists': -4 }[expected];
}
