import type { CloudEvent } from '@app/delivery';

/** What a sink is sent, as far as these specs care. */
type Posting = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};
type Got = { readonly subscription: string; readonly index: number; readonly event: CloudEvent };

/** The sinks of all subscriptions in one: it keeps what it got, and every breach of an ordering. */
export class Recipient {
  /** Deliveries that were accepted for the first time; and those that had been accepted before. */
  delivered = 0;
  repeated = 0;
  attempts = 0;
  readonly faults: string[] = [];
  readonly changes: string[] = [];
  refuses: (got: Got) => boolean = () => false;
  status: (got: Got) => number = () => 200;
  retryAfter: string | undefined;
  readonly #accepted = new Map<string, Map<number, CloudEvent>>();
  readonly #order = new Map<string, number[]>();
  readonly #last = new Map<string, number>();

  /** Refuses some, by a chance that is the same in every run. */
  random(share: number): void {
    let state = 1;
    this.refuses = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32 < share;
    };
  }

  async post({ url, headers, body }: Posting) {
    const event = JSON.parse(Buffer.from(body).toString()) as CloudEvent;
    const got = { subscription: new URL(url).pathname.slice(1), index: Number(event.sequence), event };
    this.attempts++;
    if (headers['webhook-id'] !== event.id) this.faults.push(`another id than ${event.id}`);
    if (!/^v1a?,/.test(headers['webhook-signature'] ?? '')) this.faults.push('no signature');
    // Now and then it takes a little.
    if (got.index % 50 === 0) await new Promise((later) => setTimeout(later, 1));
    const status = this.refuses(got) ? 500 : this.status(got);
    if (status === 200) this.#accept(got);
    return { status, ms: 1, head: 'ok', ...(this.retryAfter ? { retryAfter: this.retryAfter } : {}) };
  }

  indexesOf(subscription: string): number[] {
    return [...(this.#order.get(subscription) ?? [])].sort((a, b) => a - b);
  }

  bodyOf(subscription: string, index: number): CloudEvent | undefined {
    return this.#accepted.get(subscription)?.get(index);
  }

  forget(): void {
    this.#accepted.clear();
    this.#order.clear();
    this.#last.clear();
    this.delivered = 0;
  }

  #accept({ subscription, index, event }: Got): void {
    const accepted = this.#accepted.get(subscription) ?? new Map<number, CloudEvent>();
    this.#accepted.set(subscription, accepted);
    if (accepted.has(index)) {
      this.repeated++;
      if (accepted.get(index)?.id !== event.id)
        this.faults.push(`${subscription}: ${index} under another id`);
      return;
    }
    accepted.set(index, event);
    this.delivered++;
    const order = this.#order.get(subscription) ?? [];
    this.#order.set(subscription, order);
    order.push(index);
    this.#inOrder(subscription, index, event);
  }

  /** In its lane, an event that comes for the first time comes after all that came before it. */
  #inOrder(subscription: string, index: number, { subject }: CloudEvent): void {
    const [ordering] = subscription.split('-');
    if (ordering === 'none' || ordering === 'thin' || ordering === 'less' || ordering === 'some') return;
    const lane = `${subscription} ${ordering === 'total' ? '' : subject}`;
    const last = this.#last.get(lane) ?? -1;
    if (index < last) this.faults.push(`${lane}: ${index} after ${last}`);
    this.#last.set(lane, index);
  }
}
