import { userInfo } from 'node:os';
import { type Asking, uuidv7 } from '@app/event-store';
import type { OpenRecord } from '@app/record';

/** Who asks on the command line: the account of whoever runs the program here. */
export async function askingHere({ people }: Pick<OpenRecord, 'people'>): Promise<Asking> {
  const actor = await people.account('urn:jejak:cli', userInfo().username);
  const commandId = uuidv7();
  return { actor, role: 'operator', commandId, correlationId: commandId, askedAt: Date.now() };
}
