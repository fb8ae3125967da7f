import type { Profile } from '@app/domain/profile';
import { JP_DUTY } from '@app/domain/training';
import { type AsOf, profileAt, profileRow, units } from '@app/projections';
import { asOf } from './as-of.ts';
import { AS_OF, type Call, type Command } from './command.ts';
import { PURPOSE } from './noted.ts';
import { headOf, WHO, whoOf } from './person.ts';
import { day, title } from './words.ts';

export const profile: Command = {
  name: 'profile',
  usage: 'profile <nip> | --subject UUID --purpose TEXT [--on DAY] [--known INDEX|TIME]',
  does: ['Profil seorang ASN pada suatu hari.', 'The profile of a civil servant on a day.'],
  options: { ...WHO, ...PURPOSE, ...AS_OF },
  run: async (call) => {
    const who = await whoOf(call, 'profile');
    if (!who) return 1;
    const { subject, person } = who;
    const times = await asOf(call);
    const row = await profileRow(call.record.database, subject);
    const found = profileAt(row, times);
    if (!found) {
      call.say.remark('Belum dikenal pada saat itu / not known at that time');
      return 1;
    }
    const unitName = await nameOfUnit(call, times, found);
    const stale = await call.record.views.stale('current-profile', [subject]);
    const nips = await call.record.people.nips(subject);
    const before = nips.map(({ nip }) => nip).filter((nip) => nip !== person?.nip);
    call.say.result({ person, nips, ...times, profile: found, stale: stale.get(subject) ?? null }, () =>
      [headOf(who, before), ...describe(found, times, unitName)].join('\n'),
    );
    return 0;
  },
};

async function nameOfUnit(
  { record }: Call,
  times: AsOf,
  { placement }: Profile,
): Promise<string | undefined> {
  const all = placement ? await units(record.database, { ...times, effectiveOn: '9999-12-31' }) : [];
  return all.find(({ unit }) => unit === placement?.unit)?.name ?? placement?.unit;
}

/** A profile in lines, Indonesian first. */
export function describe(
  profile: Profile,
  { effectiveOn, knownAt }: AsOf,
  unit: string | undefined,
): string[] {
  const { promotion, appointment, placement, predikat, training, serving, awards, upcoming } = profile;
  const since = (tmt: string | undefined) => (tmt === undefined ? '' : `  (TMT ${day(tmt)})`);
  return [
    `Berlaku ${day(effectiveOn)}, diketahui s.d. indeks ${knownAt} / in force then, as known at that index`,
    `  Golongan   ${promotion ? `${promotion.golongan} ${promotion.pangkat ?? ''}`.trim() : '-'}${since(promotion?.tmt)}`,
    `  Jabatan    ${appointment?.jabatan ?? '-'}${since(appointment?.tmt)}`,
    `  Unit       ${unit ?? '-'}${since(placement?.tmt)}`,
    `  Predikat   ${predikat.map(({ year, predikat: p }) => `${year} ${title(p)}`).join('; ') || '-'}`,
    `  Pelatihan  ${training.map((t) => `${t.year}: ${t.jpRecognised} JP${t.jpRecognised < JP_DUTY ? ` (< ${JP_DUTY})` : ''}`).join('; ') || '-'}`,
    `  Hukuman    ${serving.map((s) => `${title(s.jenis)} s.d. ${s.ends ? day(s.ends) : 'seterusnya'}`).join('; ') || 'tidak sedang menjalani / none being served'}`,
    `  Penghargaan ${awards.map((a) => title(a.jenis)).join('; ') || '-'}`,
    ...upcoming.map((fact) => `  Akan datang / upcoming: ${fact.type}`),
  ];
}
