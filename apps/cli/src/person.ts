import type { Person } from '@app/people';
import { type Call, Usage } from './command.ts';

/** The person a NIP of today or of before belongs to; undefined (said on standard error): nobody known. */
export async function personOf({ words, record, say }: Call): Promise<Person | undefined> {
  const [nip] = words;
  if (nip === undefined || words.length > 1) throw new Usage('one NIP is needed');
  const person = await record.people.byNip(nip);
  if (!person) say.remark(`NIP ${nip} tidak ada dalam catatan / is not on the record`);
  return person ?? undefined;
}

/** Name with gelar, as it is written on an SK. */
export const fullName = ({ name, gelarDepan, gelarBelakang }: Person): string =>
  `${gelarDepan ? `${gelarDepan} ` : ''}${name}${gelarBelakang ? `, ${gelarBelakang}` : ''}`;
