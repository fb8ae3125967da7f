import { NotStorable, StoreUnavailable } from './event-store.ts';
import { KurrentClient } from './kurrent-client.ts';
import type { Group, GroupWanted } from './kurrent-group.ts';
import { reason } from './kurrent-patience.ts';
import { kurrentAddress } from './kurrent-url.ts';

const CALL_MS = 10_000;

/** The groups that others read a log in KurrentDB by. Every call throws `StoreUnavailable`; none is repeated by itself. */
export class KurrentGroups {
  private constructor(
    private readonly client: KurrentClient,
    private readonly where: string,
    private readonly ms: number,
  ) {}

  /** `url` as for `KurrentEventStore.open`; `ms`: how long to wait for an answer. */
  static async open(url: string, ms = CALL_MS): Promise<KurrentGroups> {
    const address = kurrentAddress(url);
    return new KurrentGroups(await KurrentClient.connect(address), address.where, ms);
  }

  /** Sets a group up; false: there is one of this name, which stays as it is. */
  create(wanted: GroupWanted): Promise<boolean> {
    return this.#told(this.client.createGroup(wanted, this.ms));
  }

  list(): Promise<Group[]> {
    return this.#told(this.client.listGroups(this.ms));
  }

  /** Deletes a group, with its place and what it parked; false: there is none of this name. */
  delete(name: string): Promise<boolean> {
    return this.#told(this.client.deleteGroup(name, this.ms));
  }

  close(): Promise<void> {
    return this.client.close();
  }

  async #told<T>(call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (cause) {
      if (cause instanceof StoreUnavailable || cause instanceof NotStorable) throw cause;
      throw new StoreUnavailable(
        `KurrentDB at ${this.where} gave no answer (${reason(cause)}): check that it runs there, and the tls option; ` +
          'what was asked may have been done: list the groups',
        { cause },
      );
    }
  }
}
