export type Fault =
  /** The call is never answered. */
  | { readonly kind: 'no-reply' }
  /** The call ends with status OK and without a message. */
  | { readonly kind: 'end-ok' }
  | { readonly kind: 'unavailable' }
  | { readonly kind: 'cancelled' }
  /** The server says that another is the leader, and names itself. */
  | { readonly kind: 'not-leader' }
  /** All TCP connections are reset. */
  | { readonly kind: 'reset' };

export type Rpc = 'append' | 'read' | 'subscribe';

/** A fault that a call has met; `applied`: an append is written before. */
export type Met = { readonly fault: Fault; readonly applied: boolean };

/** The faults that the next calls meet, and what was delivered. */
export class Faults {
  readonly #due = new Map<Rpc, Met & { left: number }>();
  #twice = 0;
  #sent = 0;

  /** Events delivered. */
  get sent(): number {
    return this.#sent;
  }

  /** Takes the place of what calls of this RPC were to meet. */
  fail(rpc: Rpc, fault: Fault, times: number, applied: boolean): void {
    this.#due.set(rpc, { fault, applied, left: times });
  }

  /** The fault that this call meets, if any. */
  meet(rpc: Rpc): Met | undefined {
    const due = this.#due.get(rpc);
    return due && due.left-- > 0 ? due : undefined;
  }

  duplicateNext(n: number): void {
    this.#twice += n;
  }

  /** How often the next event is to be delivered. */
  copies(): number {
    const copies = this.#twice > 0 ? 2 : 1;
    if (copies === 2) this.#twice--;
    this.#sent += copies;
    return copies;
  }
}
