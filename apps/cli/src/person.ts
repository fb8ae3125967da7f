import type { Person } from '@app/people';
import { type Call, Usage } from './command.ts';
import { noted, purposeOf } from './noted.ts';

/**
 * The person a NIP of today or of before belongs to; undefined (said on standard error): nobody known. Whatever the
 * `command` tells of the person, that it was asked is in the access log by then.
 */
export async function personOf(call: Call, command: string): Promise<Person | undefined> {
  const { words, record, say } = call;
  const [nip] = words;
  if (nip === undefined || words.length > 1) throw new Usage('one NIP is needed');
  purposeOf(call);
  const person = await record.people.byNip(nip);
  await noted(call, command, person?.subject ?? null);
  if (!person) say.remark(`NIP ${nip} tidak ada dalam catatan / is not on the record`);
  return person ?? undefined;
}

/** Name with gelar, as it is written on an SK. */
export const fullName = ({ name, gelarDepan, gelarBelakang }: Person): string =>
  `${gelarDepan ? `${gelarDepan} ` : ''}${name}${gelarBelakang ? `, ${gelarBelakang}` : ''}`;
