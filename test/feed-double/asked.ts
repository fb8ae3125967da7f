import type { IncomingHttpHeaders } from 'node:http';
import type { CloudEvent } from '@app/delivery';

/** What a request asked for. */
export type Asked = { readonly url: URL; readonly headers: IncomingHttpHeaders };

/** What answers are made of. */
export type Recorded = {
  readonly events: readonly CloudEvent[];
  /** How many events a filtered stream may pass over without a word. */
  readonly checkpointEvery: number;
  /** Settles when there is more, or when the signal aborts. */
  more(signal: AbortSignal): Promise<void>;
  /** Calls when the streams are to end; gives what takes that back. */
  whenEnded(call: () => void): () => void;
};
