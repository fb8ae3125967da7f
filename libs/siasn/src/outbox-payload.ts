import type { SiasnKind } from '@app/domain/siasn-submission';
import { appraisalCells } from './outbox-appraisal.ts';
import { type Cell, Missing, type ToldFact } from './outbox-cells.ts';
import type { SiasnCodes } from './outbox-codes.ts';
import { SIASN_FIELDS, SIASN_SERVICES } from './outbox-fields.ts';
import { hukdisCells } from './outbox-hukdis.ts';
import { jabatanCells } from './outbox-jabatan.ts';
import { diklatCells, kursusCells, penghargaanCells } from './outbox-training.ts';

/** What SIASN is told, ready to be sent; or what it still lacks. */
export type Payload = {
  readonly kind: SiasnKind;
  readonly service: string;
  readonly body: Readonly<Record<string, Exclude<Cell, Missing>>>;
};
export type Lack = { readonly field: string; readonly why: string };
export type Lacking = { readonly kind: SiasnKind; readonly lacks: readonly Lack[] };

export const isLacking = (prepared: Payload | Lacking): prepared is Lacking => 'lacks' in prepared;

/** The payload of a fact with exactly the fields of SIASN's service, or everything that it lacks. */
export function payloadOf(told: ToldFact, codes: SiasnCodes): Payload | Lacking {
  const [kind, cells] = cellsOf(told, codes);
  const given: Readonly<Record<string, Cell>> = codes.events[told.event] ?? {};
  const fields: readonly string[] = SIASN_FIELDS[kind];
  const values = fields.map((field) => [field, filled(field, cells[field] ?? null, given)] as const);
  const lacks = values.flatMap(([field, value]) =>
    value instanceof Missing ? [{ field, why: value.why }] : [],
  );
  if (lacks.length > 0) return { kind, lacks };
  const body = Object.fromEntries(values) as Payload['body'];
  return { kind, service: SIASN_SERVICES[kind].save, body };
}

/** Whose row it is; no file says otherwise. */
const OWNER: readonly string[] = ['pnsDinilaiOrang', 'pnsDinilaiId', 'pnsOrangId', 'pnsId'];

/** The official fills in what the record does not say; what it says stands. */
function filled(field: string, cell: Cell, given: Readonly<Record<string, Cell>>): Cell {
  const isOpen = cell === null || cell instanceof Missing;
  return isOpen && !OWNER.includes(field) && Object.hasOwn(given, field) ? (given[field] ?? cell) : cell;
}

function cellsOf(told: ToldFact, codes: SiasnCodes): [SiasnKind, Readonly<Record<string, Cell>>] {
  const { fact } = told;
  switch (fact.type) {
    case 'AppraisalScored':
      return appraisalCells(told, fact.data, codes);
    case 'SanctionImposed':
      return ['hukdis', hukdisCells(told, fact.data, codes)];
    case 'SanctionLifted':
      return ['hukdis', hukdisCells(told, told.sanction, codes, fact.data)];
    case 'TrainingCompleted':
      return fact.data.form === 'diklat-struktural'
        ? ['diklat', diklatCells(told, fact.data, codes)]
        : ['kursus', kursusCells(told, fact.data, codes)];
    case 'Awarded':
      return ['penghargaan', penghargaanCells(told, fact.data, codes)];
    case 'Appointed':
      return ['unorjabatan', jabatanCells(told, fact.data, codes)];
    default:
      throw new Error(`SIASN has no service for ${fact.type}`);
  }
}
