import { userInfo } from 'node:os';
import { type Asking, uuidv7 } from '@app/event-store';
import type { OpenRecord } from '@app/record';

/** The role of whoever runs the program where the record is. */
export const OPERATOR = 'operator';

/** The account of whoever runs the program here. */
export const operatorOf = ({ people }: OpenRecord): Promise<string> =>
  people.account('urn:jejak:cli', userInfo().username);

/** What goes beside the events of one command of theirs. */
export async function askingHere(record: OpenRecord): Promise<Asking> {
  const commandId = uuidv7();
  const actor = await operatorOf(record);
  return { actor, role: OPERATOR, commandId, correlationId: commandId, askedAt: Date.now() };
}
