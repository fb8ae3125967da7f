import type { LegalDate } from '@app/domain/calendar';
import type { Appointed, Fact, Placed, SanctionImposed } from '@app/domain/civil-servant';
import type { Golongan } from '@app/domain/golongan';
import type { SiasnKind } from '@app/domain/siasn-submission';
import type { SiasnField } from './outbox-fields.ts';

/** Why a field has no value: for people, who can then see to it. */
export class Missing {
  constructor(readonly why: string) {}
}

/** The value of a field; null: SIASN leaves it empty. */
export type Cell = string | number | null | readonly never[] | Missing;
export type Cells<K extends SiasnKind> = Readonly<Record<SiasnField<K>, Cell>>;

/** Who rated, as SIASN wants to be told; what of it is not known is missing. */
export type PenilaiThen = {
  readonly asn: boolean;
  readonly nama: Cell;
  readonly nipNrp: Cell;
  readonly jabatan: Cell;
  readonly golongan: Cell;
  readonly unorNama: Cell;
};

/** A fact as it stands now, with what is looked up for it at that moment. */
export type ToldFact = {
  readonly event: string;
  readonly fact: Fact;
  readonly pnsId: string | Missing;
  /** SIASN's row where this changes one; null: a new one. */
  readonly id: string | null | Missing;
  /** What the person held on the day that the fact has effect. */
  readonly golongan?: Golongan;
  readonly jabatan?: Appointed['data'];
  readonly placement?: Placed['data'];
  readonly penilai?: PenilaiThen;
  /** Of a lifting: the sanction. */
  readonly sanction?: SanctionImposed['data'];
};

/** A day as SIASN writes it, `dd-mm-yyyy`. */
export const wireDay = (date: LegalDate): string => date.split('-').reverse().join('-');

/** Documents are not uploaded from here (docs/siasn-outbox.md). */
export const NO_DOCUMENTS: readonly never[] = [];

/** A code, or that nobody here knows it. */
export const needed = (code: string | undefined, what: string): string | Missing =>
  code ?? new Missing(`tidak ada kode untuk ${what}; isi SIASN_CODES_FILE / no code for ${what}`);

/** What only the official knows, for this event. */
export const toFill = (what: string): Missing =>
  new Missing(`${what} tidak ada dalam catatan; isi untuk peristiwa ini / is not on the record; fill it in`);
