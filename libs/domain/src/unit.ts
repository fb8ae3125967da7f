import { type Decision, type Event, type Recorded, refuse, type Subject, same } from './event.ts';

/**
 * A unit kerja (unor) as the source states it: its name, the unit above, the jabatan that leads it and who holds that
 * jabatan (a subject of the record). The chain of units and leaders is the chain of superiors.
 */
export type UnitRecorded = Event<
  'UnitRecorded',
  { name: string; parent?: string; leader?: Subject; jabatan?: string; eselon?: string }
>;
export type UnitEvent = UnitRecorded;
export type Unit = UnitRecorded['data'] | undefined;

export const unitStream = (unit: string): string => `unit-${unit}`;
export const unitOf = (stream: string): string | undefined =>
  stream.startsWith('unit-') ? stream.slice('unit-'.length) : undefined;

export const evolveUnit = (_: Unit, { data }: Recorded<UnitEvent>): Unit => data;

/** How a stream of this category is folded. */
export const UNIT = { initial: undefined as Unit, evolve: evolveUnit };

/** Records a unit, or what changed about it. */
export function recordUnit(id: string, asked: UnitRecorded['data'], unit: Unit): Decision<UnitRecorded> {
  if (asked.parent === id)
    return refuse('its-own-parent', 'a unit is not above itself', 'ref-unor', 'parent');
  return unit && same(unit, asked) ? [] : [{ type: 'UnitRecorded', data: asked }];
}
