import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appraise } from '@app/domain/appraise';
import {
  CIVIL_SERVANT,
  type CivilServant,
  type CivilServantEvent,
  type Context,
  evolve,
  factsOf,
  NOBODY,
  streamOf,
} from '@app/domain/civil-servant';
import { completeTraining } from '@app/domain/complete-training';
import { approveErasure, liftHold, placeHold, proposeErasure, refuseErasure } from '@app/domain/erase';
import type { Decision, Recorded } from '@app/domain/event';
import { annul, correct } from '@app/domain/mend';
import { place } from '@app/domain/place';
import { PREDIKAT, RATINGS } from '@app/domain/predikat';
import { profileOn } from '@app/domain/profile';
import { promote } from '@app/domain/promote';
import { register } from '@app/domain/register';
import { imposeSanction } from '@app/domain/sanction';
import { uuidv7 } from '@app/event-store';
import { type Entry, entryOf } from '@app/journal';
import {
  type AsOf,
  CurrentProfile,
  distribution,
  profileAt,
  profileRow,
  trainingYears,
} from '@app/projections';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { describeDialects } from '../../../test/engines/databases.ts';
import { OpenRecord } from './index.ts';

const PEOPLE = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'];
const GOLONGAN = ['III/a', 'III/b', 'III/c', 'III/d'] as const;
const DAYS = [
  '2021-01-01',
  '2022-04-01',
  '2023-04-01',
  '2024-10-01',
  '2025-04-01',
  '2025-12-31',
  '2026-07-01',
  '2027-01-01',
];
const TODAY = '2026-03-01';
const sk = { number: '1', date: '2020-01-01' };

type Ask = (servant: CivilServant, context: Context) => Decision<CivilServantEvent>;

const day = fc.constantFrom(...DAYS);
const year = fc.integer({ min: 2022, max: 2025 });
const ask: fc.Arbitrary<Ask> = fc.oneof(
  fc.record({ golongan: fc.constantFrom(...GOLONGAN), tmt: day }).map(
    (it): Ask =>
      (s, c) =>
        promote({ ...it, jenis: 'reguler', sk }, s, c),
  ),
  fc.record({ unit: fc.constantFrom('u1', 'u2', 'u3'), tmt: day }).map(
    (it): Ask =>
      (s, c) =>
        place({ ...it, sk }, s, c),
  ),
  fc.record({ year, hasil: fc.constantFrom(...RATINGS), perilaku: fc.constantFrom(...RATINGS) }).map(
    ({ year: of, ...it }): Ask =>
      (s, c) =>
        appraise({ period: { kind: 'tahunan', year: of }, penilai: { asn: false }, ...it }, s, c),
  ),
  fc
    .record({
      year,
      jpClaimed: fc.integer({ min: 1, max: 40 }),
      certificate: fc.integer({ max: 9 }).map(String),
    })
    .map(
      ({ year: of, ...it }): Ask =>
        (s, c) =>
          completeTraining(
            {
              ...it,
              year: of,
              name: 'x',
              form: 'kursus',
              organiser: 'LAN',
              from: `${of}-06-01`,
              to: `${of}-06-02`,
            },
            s,
            c,
          ),
    ),
  fc.record({ tmt: day, number: fc.integer({ max: 5 }).map(String) }).map(
    ({ tmt, number }): Ask =>
      (s, c) =>
        imposeSanction({ jenis: 'potong-tukin-6-bulan', tmt, sk: { number, date: '2022-01-01' } }, s, c),
  ),
  fc.constantFrom<Ask>(
    (s, c) =>
      proposeErasure(
        {
          basis: 'x',
          jra: 'x',
          retainedUntil: '2026-02-28',
          beritaAcara: { number: '1', date: TODAY },
          evidence: [],
        },
        s,
        c,
      ),
    (s, c) => placeHold({ basis: 'x', because: 'x' }, s, c),
    (s, c) => liftHold({ hold: s.holds[0]?.event ?? '', because: 'x' }, s, c),
    (s, c) =>
      refuseErasure({ proposal: s.proposals.at(-1)?.event ?? '', because: 'x' }, s, { ...c, actor: 'b' }),
    (s, c) => approveErasure({ proposal: s.proposals.at(-1)?.event ?? '' }, s, { ...c, actor: 'b' }),
  ),
  fc.nat().map(
    (n): Ask =>
      (s) => {
        const fact = s.facts[n % Math.max(1, s.facts.length)];
        return fact ? annul({ event: fact.event, because: 'salah' }, s) : [];
      },
  ),
  fc.tuple(fc.nat(), year, fc.constantFrom(...RATINGS)).map(
    ([n, of, hasil]): Ask =>
      (s, c) => {
        const scored = factsOf(s, 'AppraisalScored');
        const fact = scored[n % Math.max(1, scored.length)];
        const data = fact && { ...fact.data, period: { kind: 'tahunan' as const, year: of }, hasil };
        return fact && data
          ? correct(
              { event: fact.event, because: 'keberatan', fact: { type: 'AppraisalScored', data } },
              s,
              c,
            )
          : [];
      },
  ),
);

/** The record, folded from the journal up to an index by the domain alone. */
const naive = (entries: readonly Entry[], subject: string, knownAt: number): CivilServant =>
  entries
    .filter(({ index, stream }) => index <= knownAt && stream === streamOf(subject))
    .reduce((servant, entry) => evolve(servant, entry as Recorded<CivilServantEvent>), NOBODY);

type Told = readonly (readonly [subject: string, ask: Ask, follow: boolean])[];

describeDialects('the views at both times', (aPlace) => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'jejak-'));
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  it('equal a naive fold of the journal, for every day and every moment of knowledge', async () => {
    let written = 0;
    let asked = 0;
    const told = fc.array(fc.tuple(fc.constantFrom(...PEOPLE), ask, fc.boolean()), {
      minLength: 5,
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(told, async (commands) => {
        let today = '2021-06-01';
        const place = await aPlace();
        const places = { log: join(dir, uuidv7(), 'events.db'), database: place.where };
        const record = await OpenRecord.open(places, () => today);
        written += await tell(record, commands);
        asked += commands.length;
        today = TODAY;
        await record.catchUp();
        await record.views.passDay();
        await compare(record);
        await rebuildAlike(record);
        await record.close();
        await place.remove();
      }),
      { numRuns: 25, seed: 20260301 },
    );
    expect(written).toBeGreaterThan(asked / 3);
  });
});

/** Carries out the commands, following now and then; gives how many events they made. */
async function tell(record: OpenRecord, commands: Told): Promise<number> {
  const registered = PEOPLE.map(
    (subject) =>
      [
        subject,
        (s: CivilServant, c: Context) => register({ kind: 'pns', tmt: '2020-01-01' }, s, c),
        true,
      ] as const,
  );
  let written = 0;
  for (const [subject, asked, follow] of [...registered, ...commands]) {
    const commandId = uuidv7();
    const outcome = await record.transact(
      CIVIL_SERVANT,
      streamOf(subject),
      { actor: 'a', role: 'bkpsdm', commandId, correlationId: commandId, askedAt: Date.now() },
      (servant, id) => asked(servant, { subject, actor: 'a', today: TODAY, id }),
    );
    written += 'events' in outcome ? outcome.events.length : 0;
    if (follow) await record.catchUp();
  }
  return written;
}

/** Every view built anew has the rows it had. */
async function rebuildAlike(record: OpenRecord): Promise<void> {
  const profiles = record.database.reader.getRepository(CurrentProfile);
  const inOrder = { order: { subject: 'ASC' } } as const;
  const rows = await profiles.find(inOrder);
  await record.views.rebuild(record.views.names);
  expect(await profiles.find(inOrder)).toEqual(rows);
  await compare(record);
}

async function compare(record: OpenRecord): Promise<void> {
  const entries = (await record.journal.read({ limit: 1000 })).map((row) => entryOf(row));
  const moments = [0, 2, Math.floor(entries.length / 2), entries.length - 1];
  for (const subject of PEOPLE) {
    await compareToday(record, entries, subject);
    for (const knownAt of moments)
      for (const effectiveOn of DAYS) await comparePerson(record, entries, subject, { effectiveOn, knownAt });
  }
  for (const period of ['2022', '2024'])
    for (const knownAt of moments)
      await compareDistribution(record, entries, period, { effectiveOn: '2025-06-01', knownAt });
}

async function compareToday(record: OpenRecord, entries: readonly Entry[], subject: string): Promise<void> {
  const now = profileOn(naive(entries, subject, entries.length), TODAY);
  expect(await profileRow(record.database, subject)).toMatchObject({
    golongan: now.promotion?.golongan ?? null,
    unit: now.placement?.unit ?? null,
    predikat: now.predikat.at(-1)?.predikat ?? null,
    serving: now.serving.length,
  });
}

async function comparePerson(
  record: OpenRecord,
  entries: readonly Entry[],
  subject: string,
  asOf: AsOf,
): Promise<void> {
  const isKnown = entries.some(({ index, stream }) => index <= asOf.knownAt && stream === streamOf(subject));
  const expected = profileOn(naive(entries, subject, asOf.knownAt), asOf.effectiveOn);
  const found = profileAt(await profileRow(record.database, subject), asOf);
  expect(normal(found)).toEqual(isKnown ? normal(expected) : undefined);
  const years = await trainingYears(record.database, subject, asOf);
  expect(
    years.map(({ year: of, jpClaimed, jpRecognised }) => ({ year: of, jpClaimed, jpRecognised })),
  ).toEqual(expected.training);
}

async function compareDistribution(
  record: OpenRecord,
  entries: readonly Entry[],
  period: string,
  asOf: AsOf,
): Promise<void> {
  const expected = PEOPLE.flatMap((subject) =>
    profileOn(naive(entries, subject, asOf.knownAt), asOf.effectiveOn).predikat.filter(
      ({ year: of }) => String(of) === period,
    ),
  );
  const rows = await distribution(record.database, { period }, asOf);
  for (const predikat of PREDIKAT)
    expect(rows.reduce((sum, { counts }) => sum + counts[predikat], 0)).toBe(
      expected.filter((scored) => scored.predikat === predikat).length,
    );
}

const normal = (value: unknown): unknown =>
  value === undefined ? undefined : JSON.parse(JSON.stringify(value));
