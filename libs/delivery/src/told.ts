import type { PassedRow } from '@app/journal';
import { type Clearance, type CloudEvent, cloudEvent } from './cloud-event.ts';

/** A row of the journal on its way out. What is made of it for one reader serves all of the same clearance. */
export class Told {
  readonly #events = new Map<string, { readonly event: CloudEvent | undefined; text?: string }>();

  constructor(
    private readonly row: PassedRow,
    private readonly origin: string,
  ) {}

  get index(): number {
    return this.row.index;
  }

  /** As it was stored and sealed, whatever it means today: for auditors. */
  get stored(): string {
    const { index, leafHash, leaf } = this.row;
    return `{"index":${index},"leafHash":"${leafHash}","leaf":${leaf}}`;
  }

  /** What a reader of this clearance is told; undefined: nothing. */
  event(clearance: Clearance): CloudEvent | undefined {
    return this.#told(clearance).event;
  }

  /** The same in JSON, on one line. */
  text(clearance: Clearance): string | undefined {
    const told = this.#told(clearance);
    if (told.event !== undefined) told.text ??= JSON.stringify(told.event);
    return told.text;
  }

  #told(clearance: Clearance): { readonly event: CloudEvent | undefined; text?: string } {
    const key = `${clearance.sees} ${clearance.reads}`;
    const known = this.#events.get(key);
    if (known) return known;
    const told = { event: cloudEvent(this.row, clearance, this.origin) };
    this.#events.set(key, told);
    return told;
  }
}
