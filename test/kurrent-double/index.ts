import { setTimeout as sleep } from 'node:timers/promises';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { type Fault, Faults, type Rpc } from './faults.ts';
import { FEATURES, features } from './features.ts';
import { GOSSIP, gossip } from './gossip.ts';
import { GROUPS, Groups } from './groups.ts';
import { Log } from './log.ts';
import { Network } from './network.ts';
import { STREAMS, Streams } from './streams.ts';

export { KurrentChild } from './child.ts';
export type { Fault } from './faults.ts';

export type DoubleOptions = {
  /** 0: any free one. */
  readonly port?: number;
  /** Bytes of one append (data, metadata and types): MaxAppendSize, here what we ask its operators to set. */
  readonly maxAppendBytes?: number;
};

const MAX_APPEND_BYTES = 2_097_152;
/** As Kestrel has it, on which the server runs. */
const CALLS_A_CONNECTION = 100;
const MAX_MESSAGE_BYTES = 17 * 1024 * 1024;

/**
 * A KurrentDB (EventStoreDB) for tests: speaks its protocol with the unmodified client, on a log in memory, and fails as
 * it is told. It is no database: one node, nothing on disk, no users, no projections; of persistent subscriptions those to $all.
 */
export class KurrentDouble {
  readonly #network = new Network();
  readonly #faults = new Faults();
  readonly #log = new Log();
  readonly #streams: Streams;
  readonly #groups = new Groups(this.#log);
  #server: Server | undefined;
  #port = 0;

  private constructor(maxAppendBytes: number) {
    const reset = () => this.#network.reset();
    this.#streams = new Streams(this.#log, this.#faults, maxAppendBytes, reset, () => this.#port);
  }

  static async start({
    port = 0,
    maxAppendBytes = MAX_APPEND_BYTES,
  }: DoubleOptions = {}): Promise<KurrentDouble> {
    const double = new KurrentDouble(maxAppendBytes);
    await double.#listen(port);
    return double;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `esdb://127.0.0.1:${this.#port}?tls=false`;
  }

  /** Subscriptions that are live. */
  get subscriptions(): number {
    return this.#streams.subscriptions;
  }

  /** Events sent so far, by reads and subscriptions. */
  get sent(): number {
    return this.#faults.sent;
  }

  /** The next `times` calls of an RPC meet the fault; appends are written before it where `applied`. */
  fail(
    rpc: Rpc,
    fault: Fault,
    { times = 1, applied = false }: { times?: number; applied?: boolean } = {},
  ): void {
    this.#faults.fail(rpc, fault, times, applied);
  }

  /** Ends the subscriptions that are live. */
  dropSubscriptions(how: 'end-ok' | 'unavailable' | 'reset'): void {
    this.#streams.drop(how);
  }

  /** The next events, of reads and of subscriptions, are delivered twice. */
  duplicateNext(n: number): void {
    this.#faults.duplicateNext(n);
  }

  /** Connections and bytes are accepted, nothing is answered; when it ends all goes on as if it had only taken long. */
  blackhole(on: boolean): void {
    this.#network.swallow(on);
  }

  /** Stops and starts on the same port: the log is kept, the cache of ids is not. */
  async restart({ downMs = 0 }: { downMs?: number } = {}): Promise<void> {
    await this.stop();
    this.#log.forget();
    await sleep(downMs);
    await this.#listen(this.#port);
  }

  async stop(): Promise<void> {
    this.#server?.forceShutdown();
    this.#server = undefined;
    await this.#network.close();
  }

  async #listen(port: number): Promise<void> {
    const server = new Server({
      'grpc.max_concurrent_streams': CALLS_A_CONNECTION,
      'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    });
    server.addService(STREAMS, this.#streams.handlers);
    server.addService(GROUPS, this.#groups.handlers);
    server.addService(FEATURES, features());
    server.addService(
      GOSSIP,
      gossip(() => this.#port),
    );
    this.#server = server;
    this.#port = await this.#network.open(port, await bound(server));
  }
}

/** The port on which a server listens from now on. */
const bound = (server: Server): Promise<number> =>
  new Promise((settle, fail) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error ? fail(error) : settle(port),
    );
  });
