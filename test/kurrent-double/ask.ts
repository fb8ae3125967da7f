import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { binaryEvent, type EventData, jsonEvent } from '@eventstore/db-client';

/** Events to be written, with ids of their own. */
export const some = (count: number, type = 'Placed'): EventData[] =>
  Array.from({ length: count }, (_, n) => jsonEvent({ id: randomUUID(), type, data: { n } }));

/** Events of 50 kB each. */
export const large = (count: number): EventData[] =>
  Array.from({ length: count }, () => binaryEvent({ type: 'Placed', data: new Uint8Array(50_000) }));

/** Everything that a stream gives until it ends. */
export function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  return take(stream, Number.POSITIVE_INFINITY);
}

/** The first so many that a stream gives; then it is given up. */
export async function take<T>(stream: AsyncIterable<T>, count: number): Promise<T[]> {
  const taken: T[] = [];
  for await (const one of stream) {
    taken.push(one);
    if (taken.length === count) break;
  }
  return taken;
}

/** Waits until it is so; fails after 20 s. */
export async function eventually(isSo: () => boolean): Promise<void> {
  for (const giveUp = performance.now() + 20_000; !isSo(); await sleep(10))
    if (performance.now() > giveUp) throw new Error(`not within 20 s: ${isSo}`);
}

/** Waits until a number does not change for a while. */
export async function quiet(number: () => number): Promise<void> {
  for (let last = Number.NaN; number() !== last; await sleep(300)) last = number();
}
