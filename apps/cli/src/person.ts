import type { Person } from '@app/people';
import { type Call, type Options, Usage } from './command.ts';
import { noted, purposeOf } from './noted.ts';

export const WHO: Options = {
  subject: { type: 'string', means: 'id of the record, instead of a NIP (of somebody erased, the only way)' },
};

/** Whose record it is; `person`: who that is, null where it was erased. */
export type Who = { readonly subject: string; readonly person: Person | null };

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Whose record is asked for, by a NIP of today or of before, or by `--subject`; undefined (said on standard error):
 * nobody known. Whatever the `command` tells of the person, that it was asked is in the access log by then.
 */
export async function whoOf(call: Call, command: string): Promise<Who | undefined> {
  const { words, record, say, options } = call;
  const [nip] = words;
  const { subject } = options;
  if (words.length > 1 || (nip === undefined) === (subject === undefined))
    throw new Usage('one NIP is needed, or --subject UUID');
  if (typeof subject === 'string' && !UUID.test(subject))
    throw new Usage('--subject is a UUID in lower case');
  purposeOf(call);
  const person = await (typeof subject === 'string'
    ? record.people.find(subject)
    : record.people.byNip(String(nip)));
  const id = typeof subject === 'string' ? subject : person?.subject;
  await noted(call, command, id ?? null);
  if (id === undefined) say.remark(`NIP ${nip} tidak ada dalam catatan / is not on the record`);
  return id === undefined ? undefined : { subject: id, person };
}

/** Who it is, in a line; nobody's name where it was erased. */
export const headOf = ({ subject, person }: Who, nips: readonly string[] = []): string =>
  person
    ? `${fullName(person)}  (NIP ${[person.nip, ...nips].join(', dahulu / before: ')})`
    : `${subject}  (data pribadi dimusnahkan / personal data erased)`;

/** Name with gelar, as it is written on an SK. */
export const fullName = ({ name, gelarDepan, gelarBelakang }: Person): string =>
  `${gelarDepan ? `${gelarDepan} ` : ''}${name}${gelarBelakang ? `, ${gelarBelakang}` : ''}`;
