import { randomUUID } from 'node:crypto';
import type { LegalDate } from '@app/domain/calendar';
import { isRefusal, type Refusal, refuse } from '@app/domain/event';
import { type Particulars, type People, type Person } from '@app/people';

/** Whose history a line is; what the rules need of a person. */
export type Known = { readonly subject: string; readonly pnsId: string | null; readonly born: LegalDate };

const MOST_CACHED = 20_000;

/**
 * The people of an import, looked up through a bounded memory. In a rehearsal nobody is entered: who is not there yet
 * gets a provisional subject for as long as the rehearsal lasts.
 */
export class Roll {
  readonly #cache = new Map<string, Known>();
  readonly #provisional = new Map<string, Known>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly people: People,
    private readonly rehearsal: boolean,
  ) {}

  async enter(particulars: Particulars, today: LegalDate): Promise<Known | Refusal> {
    if (this.rehearsal) {
      const turn = this.#turn.then(() => this.#rehearse(particulars));
      this.#turn = turn.catch(() => undefined);
      return turn;
    }
    const entered = await this.people.enter(particulars, today);
    return isRefusal(entered) ? entered : this.#keep(entered.person);
  }

  byNip(nip: string): Promise<Known | undefined> {
    return this.#find(`nip ${nip}`, () => this.people.byNip(nip));
  }

  byPnsId(pnsId: string): Promise<Known | undefined> {
    return this.#find(`pns ${pnsId}`, () => this.people.byPnsId(pnsId));
  }

  /** A subject by NIP, else by PNS ID, of somebody a row names. */
  async subjectOf(nip: string, pnsId: string): Promise<string | undefined> {
    const known = (nip && (await this.byNip(nip))) || (pnsId && (await this.byPnsId(pnsId)));
    return known ? known.subject : undefined;
  }

  async #find(key: string, look: () => Promise<Person | null>): Promise<Known | undefined> {
    const kept = this.#provisional.get(key) ?? this.#cache.get(key);
    if (kept) return kept;
    const person = await look();
    return person ? this.#keep(person, key) : undefined;
  }

  #keep({ subject, pnsId, born, nip }: Person, key = `nip ${nip}`): Known {
    const known = { subject, pnsId, born };
    this.#cache.set(key, known);
    const [oldest] = this.#cache.size > MOST_CACHED ? this.#cache.keys() : [];
    if (oldest !== undefined) this.#cache.delete(oldest);
    return known;
  }

  async #rehearse({ nip, pnsId, born }: Particulars): Promise<Known | Refusal> {
    const byNip = await this.byNip(nip);
    const byId = pnsId === null ? undefined : await this.byPnsId(pnsId);
    const stranger = byNip && pnsId !== null && byNip.pnsId !== null && byNip.pnsId !== pnsId;
    if (stranger || (byNip && byId && byNip.subject !== byId.subject))
      return refuse(
        'same-nip-other-pns-id',
        'this NIP stands with another PNS ID',
        'Perka BKN 22/2007',
        'nip',
      );
    const known = { subject: (byNip ?? byId)?.subject ?? randomUUID(), pnsId, born };
    this.#provisional.set(`nip ${nip}`, known);
    if (pnsId !== null) this.#provisional.set(`pns ${pnsId}`, known);
    return known;
  }
}
