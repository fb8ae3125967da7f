import { Database } from '@app/journal';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { aFile, describeDialects, type Place } from '../../../test/engines/databases.ts';
import { ApiKey, CreateApiKeys1764000000007 } from './api-key.ts';
import { copyPeople } from './copy.ts';
import { CreatePeople1764000000002 } from './migrations.ts';
import { type Particulars, People } from './people.ts';
import { Account, Nip, Person } from './person.ts';

const ratna: Particulars = {
  pnsId: 'a'.repeat(32),
  nip: '199005052015012950',
  name: 'CONTOH RATNA',
  gelarDepan: null,
  gelarBelakang: 'S.Kom.',
  born: '1990-05-05',
  sex: 'wanita',
  nik: null,
  phone: null,
  email: null,
  address: null,
};

const key = {
  name: 'payroll',
  hash: 'a'.repeat(64),
  secretRevision: 0,
  sees: 'restricted',
  reads: 'internal',
  purpose: 'penggajian',
  expiresAt: '2027-01-01T00:00:00.000Z',
  createdAt: '2026-01-01T00:00:00.000Z',
} as const;
const KINDS = {
  entities: [Person, Nip, Account, ApiKey],
  migrations: [CreatePeople1764000000002, CreateApiKeys1764000000007],
};

describeDialects('the people behind the subjects', (aPlace) => {
  let place: Place;
  let database: Database;
  let people: People;
  beforeEach(async () => {
    place = await aPlace();
    database = await Database.open(place.where, KINDS);
    people = new People(database);
  });
  afterEach(async () => {
    await database.close();
    await place.remove();
  });

  it('are entered once; the subject is made once and means nothing elsewhere', async () => {
    const first = await people.enter(ratna, '2026-01-31');
    const second = await people.enter(ratna, '2026-02-28');
    expect(first).toMatchObject({ written: true, person: { name: 'CONTOH RATNA' } });
    expect(second).toEqual({ ...first, written: false });
    expect(JSON.stringify((first as { person: Person }).person.subject)).not.toContain('aaaa');
  });

  it('keep their subject when BKN corrects the NIP, and are found by the old one too', async () => {
    const { person } = (await people.enter(ratna, '2026-01-31')) as { person: Person };
    await people.enter({ ...ratna, nip: '199005052015012951' }, '2026-02-28');
    expect(await people.byNip('199005052015012950')).toMatchObject({
      subject: person.subject,
      nip: '199005052015012951',
    });
    expect(await people.byNip('199005052015012951')).toMatchObject({ subject: person.subject });
    expect(await people.nips(person.subject)).toMatchObject([
      { nip: '199005052015012950', knownSince: '2026-01-31' },
      { nip: '199005052015012951', knownSince: '2026-02-28' },
    ]);
  });

  it('are not mixed up: a NIP that stands with another PNS ID is refused, and nothing is written', async () => {
    await people.enter(ratna, '2026-01-31');
    const other = { ...ratna, pnsId: 'b'.repeat(32), name: 'CONTOH LAIN' };
    expect(await people.enter(other, '2026-01-31')).toMatchObject({ refused: 'same-nip-other-pns-id' });
    expect(await people.byPnsId('b'.repeat(32))).toBeNull();
    expect(await people.byNip(ratna.nip)).toMatchObject({ name: 'CONTOH RATNA' });
  });

  it('are found by PNS ID, and by words of the name in any case', async () => {
    await people.enter(ratna, '2026-01-31');
    expect(await people.byPnsId(ratna.pnsId ?? '')).toMatchObject({ name: 'CONTOH RATNA' });
    expect(await people.byName('ratna contoh', 10)).toHaveLength(1);
    expect(await people.byName('%', 10)).toHaveLength(0);
    expect(await people.byName('ratna', 0)).toHaveLength(0);
  });

  it('who ask for something have one opaque account each', async () => {
    const [first, again, other] = await Promise.all([
      people.account('urn:x', '199005052015012950'),
      people.account('urn:x', '199005052015012950'),
      people.account('urn:y', '199005052015012950'),
    ]);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('are copied to another database with the ids they have, again without harm, or not at all', async () => {
    const elsewhere = await aFile();
    const other = await Database.open(elsewhere.where, KINDS);
    const entered = await people.enter(ratna, '2026-01-01');
    const account = await people.account('issuer', 'name');
    const keys = database.reader.getRepository(ApiKey);
    await keys.insert({ ...key, id: '0'.repeat(16) });
    const all = { people: 1, nips: 1, accounts: 1, keys: 1 };
    for (const _ of [1, 2]) expect(await copyPeople(database, other)).toEqual(all);
    const there = new People(other);
    expect(await there.byNip(ratna.nip)).toEqual('person' in entered && entered.person);
    expect(await there.account('issuer', 'name')).toBe(account);
    expect(await other.reader.getRepository(ApiKey).find()).toEqual(await keys.find());
    const stranger = await aFile();
    const taken = await Database.open(stranger.where, KINDS);
    await new People(taken).enter({ ...ratna, name: 'ORANG LAIN' }, '2026-01-01');
    await expect(copyPeople(database, taken)).rejects.toThrow();
    expect((await new People(taken).byNip(ratna.nip))?.name).toBe('ORANG LAIN');
    expect(await copyPeople(other, database)).toEqual(all);
    for (const one of [other, taken]) await one.close();
    for (const place of [elsewhere, stranger]) await place.remove();
  });
});
