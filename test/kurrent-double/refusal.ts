import { Metadata, status } from '@grpc/grpc-js';

/** How the server ends a call that it refuses: a gRPC status and trailers, `exception` first of them. */
export class Refusal extends Error {
  readonly metadata = new Metadata();

  constructor(
    readonly code: status,
    readonly details: string,
    trailers: Readonly<Record<string, string>> = {},
  ) {
    super(details);
    for (const [key, value] of Object.entries(trailers)) this.metadata.set(key, value);
  }
}

export const invalidArgument = (details: string) => new Refusal(status.INVALID_ARGUMENT, details);

export const invalidPosition = () => invalidArgument('Trying to read from an invalid position.');

export const missingProperty = (property: string) =>
  new Refusal(status.INVALID_ARGUMENT, `Required Metadata Property '${property}' is missing`, {
    exception: 'missing-required-metadata-property',
    'required-metadata-properties': 'type,content-type',
  });

export const tooLarge = (most: number) =>
  new Refusal(status.INVALID_ARGUMENT, `Maximum Append Size of ${most} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(most),
  });

export const streamDeleted = (stream: string) =>
  new Refusal(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  });

export const wrongVersion = (stream: string, expected: number, actual: number) =>
  new Refusal(status.FAILED_PRECONDITION, 'Delete failed due to WrongExpectedVersion.', {
    exception: 'wrong-expected-version',
    'stream-name': stream,
    'expected-version': String(expected),
    'actual-version': String(actual),
  });

export const notLeader = (host: string, port: number) =>
  new Refusal(status.NOT_FOUND, 'Leader info available', {
    exception: 'not-leader',
    'leader-endpoint-host': host,
    'leader-endpoint-port': String(port),
  });

const ofGroup = (code: status, exception: string, group: string, details: string) =>
  new Refusal(code, `Subscription group ${group} on stream $all ${details}.`, {
    exception,
    'stream-name': '$all',
    'group-name': group,
  });

export const groupExists = (group: string) =>
  ofGroup(status.ALREADY_EXISTS, 'persistent-subscription-exists', group, 'exists');

export const noSuchGroup = (group: string) =>
  ofGroup(status.NOT_FOUND, 'persistent-subscription-does-not-exist', group, 'does not exist');

export const groupDropped = (group: string) =>
  ofGroup(status.CANCELLED, 'persistent-subscription-dropped', group, 'was dropped');
