import { type UnitRecorded, unitOf } from '@app/domain/unit';
import type { Database } from '@app/journal';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { json } from './json.ts';
import type { AsOf, Projection } from './projection.ts';

type Version = UnitRecorded['data'] & { readonly knownFrom: number; readonly recordedOn: string };

/** One row a unit kerja, with all that was ever said of it, oldest first. */
@Entity('unit')
export class UnitRow {
  @PrimaryColumn('text')
  unit: string;

  @Column('text')
  name: string;

  @Column('text', { transformer: json })
  versions: readonly Version[];
}

export const unit: Projection<UnitRow> = {
  name: 'units',
  version: 1,
  entity: UnitRow,
  types: ['UnitRecorded'],
  keys: ({ stream }) => {
    const id = unitOf(stream);
    return id === undefined ? [] : [id];
  },
  evolve: (row, entry, id) => {
    if (entry.type !== 'UnitRecorded') return undefined;
    const version = { ...entry.data, knownFrom: entry.index, recordedOn: entry.recordedAt.slice(0, 10) };
    return { unit: id, name: entry.data.name, versions: [...(row?.versions ?? []), version] };
  },
};

/** A unit as it was: id, name, the unit above, the jabatan that leads it, and the subject who holds that jabatan. */
export type UnitThen = UnitRecorded['data'] & { readonly unit: string };

/** The ids of units by name, where only one has the name. */
export async function unitIdsByName(database: Database): Promise<(name: string) => string | undefined> {
  const ids = new Map<string, string | undefined>();
  const known = await units(database, { effectiveOn: '9999-12-31', knownAt: Number.MAX_SAFE_INTEGER });
  for (const { name, unit: id } of known) ids.set(name, ids.has(name) ? undefined : id);
  return (name) => ids.get(name);
}

/** All units known then, by name. A unit has no TMT of its own: it counts from the day it was recorded. */
export async function units(database: Database, asOf: AsOf): Promise<UnitThen[]> {
  const rows = await database.reader.getRepository(UnitRow).find({ order: { name: 'ASC', unit: 'ASC' } });
  return rows.flatMap((row) => {
    const last = row.versions.findLast(
      ({ knownFrom, recordedOn }) => knownFrom <= asOf.knownAt && recordedOn <= asOf.effectiveOn,
    );
    if (!last) return [];
    const { knownFrom: _, recordedOn: __, ...said } = last;
    return [{ unit: row.unit, ...said }];
  });
}
