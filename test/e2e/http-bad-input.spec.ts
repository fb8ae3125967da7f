import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Server } from './server.ts';

const sk = { number: '800/1/2020', date: '2020-01-15' };
const promotion = { golongan: 'III/b', jenis: 'reguler', tmt: '2014-04-01', sk };
const training = {
  name: 'Kursus',
  form: 'kursus',
  organiser: 'LAN',
  certificate: 'C-1',
  from: '2025-02-01',
  to: '2025-02-03',
  year: 2025,
  jpClaimed: 24,
};
const appraisal = {
  period: { kind: 'tahunan', year: 2024 },
  hasil: 'sesuai-ekspektasi',
  perilaku: 'sesuai-ekspektasi',
  penilai: { asn: false },
};
const ID = '0b9d6a52-6a53-4f6e-9d0e-3c2c5d8f9a01';

let server: Server;
let subject: string;
beforeAll(async () => {
  server = await Server.start();
  await server.unit('dinkes');
  subject = await server.register(1);
  for (const [path, body] of [
    ['promotions', promotion],
    ['trainings', training],
    ['appraisals', appraisal],
    ['placements', { unit: 'dinkes', tmt: '2012-01-01', sk }],
  ] as const)
    expect((await server.command(`/${subject}/${path}`, body)).status).toBe(201);
});
afterAll(() => server.stop());

/** Asks; expects that nothing was written, and that nothing of the inside is told. */
async function refusedly(ask: () => ReturnType<Server['ask']>) {
  const before = await server.written();
  const reply = await ask();
  expect(await server.written()).toBe(before);
  expect(reply.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(reply.body).toMatchObject({
    title: expect.any(String),
    judul: expect.any(String),
    status: reply.status,
  });
  expect(JSON.stringify(reply.body)).not.toMatch(/node_modules|\.ts:|Error:|SQLITE/);
  return reply;
}

/** What is sent, the status, and the pointers of the faults. */
const BAD: readonly [what: string, path: string, body: unknown, pointers: readonly string[]][] = [
  ['no object', 'promotions', [], ['#']],
  ['null', 'promotions', null, ['#']],
  ['nothing in it', 'promotions', {}, ['#/golongan', '#/jenis', '#/tmt', '#/sk']],
  ['an unknown field', 'promotions', { ...promotion, pangkat: 'x' }, ['#/pangkat']],
  ['an unknown field inside', 'promotions', { ...promotion, sk: { ...sk, x: 1 } }, ['#/sk/x']],
  ['an actor of one’s own', 'promotions', { ...promotion, actor: ID }, ['#/actor']],
  ['no SK', 'promotions', { ...promotion, sk: undefined }, ['#/sk']],
  ['a list for an SK', 'promotions', { ...promotion, sk: [sk] }, ['#/sk']],
  ['null for an optional field', 'trainings', { ...training, certificate: null }, ['#/certificate']],
  ['an unknown golongan', 'promotions', { ...promotion, golongan: 'V/a' }, ['#/golongan']],
  ['a day that does not exist', 'promotions', { ...promotion, tmt: '2023-02-29' }, ['#/tmt']],
  ['a day with a time', 'promotions', { ...promotion, tmt: '2023-02-01T00:00:00Z' }, ['#/tmt']],
  ['two faults', 'promotions', { ...promotion, tmt: '1', sk: { ...sk, date: '2' } }, ['#/tmt', '#/sk/date']],
  ['a fraction of an hour', 'trainings', { ...training, jpClaimed: 1.5 }, ['#/jpClaimed']],
  ['a number as text', 'trainings', { ...training, jpClaimed: '3' }, ['#/jpClaimed']],
  ['too many hours', 'trainings', { ...training, jpClaimed: 2001 }, ['#/jpClaimed']],
  ['text that is too long', 'trainings', { ...training, name: 'x'.repeat(301) }, ['#/name']],
  ['blank text', 'trainings', { ...training, name: ' ' }, ['#/name']],
  ['a control character', 'trainings', { ...training, name: 'a\u0000b' }, ['#/name']],
  [
    'a period of no kind',
    'appraisals',
    { ...appraisal, period: { kind: 'x', year: 2024 } },
    ['#/period/kind'],
  ],
  ['a null period', 'appraisals', { ...appraisal, period: null }, ['#/period']],
  [
    'months of no year',
    'appraisals',
    { ...appraisal, period: { kind: 'periodik', year: 2024 } },
    ['#/period/from', '#/period/to'],
  ],
  [
    'months of a whole year',
    'appraisals',
    { ...appraisal, period: { kind: 'tahunan', year: 2024, from: 1 } },
    ['#/period/from'],
  ],
  ['a predikat of one’s own', 'appraisals', { ...appraisal, predikat: 'baik' }, ['#/predikat']],
  ['a finding of the import', 'findings', { kind: 'matrix-anomaly', fields: ['x'] }, ['#/kind']],
  [
    'a value for a field',
    'findings',
    { kind: 'identity-doubtful', fields: ['198501012010011001'] },
    ['#/fields'],
  ],
  [
    'a fact of no type',
    'corrections',
    { event: ID, because: 'x', fact: { type: 'X', data: {} } },
    ['#/fact/type'],
  ],
  ['a null fact', 'corrections', { event: ID, because: 'x', fact: null }, ['#/fact']],
  [
    'a fact that is not in order',
    'corrections',
    { event: ID, because: 'x', fact: { type: 'Promoted', data: { ...promotion, tmt: 'x' } } },
    ['#/fact/data/tmt'],
  ],
];

/** What the rules refuse, by which name, and where. */
const REFUSED: readonly [what: string, path: string, body: object, code: string, pointer: string][] = [
  ['a TMT before birth', 'promotions', { ...promotion, tmt: '1984-01-01' }, 'before-birth', '#/tmt'],
  ['a TMT before TMT CPNS', 'promotions', { ...promotion, tmt: '2009-01-01' }, 'before-appointment', '#/tmt'],
  [
    'an SK before birth',
    'promotions',
    { ...promotion, golongan: 'III/c', tmt: '2020-04-01', sk: { ...sk, date: '1970-01-01' } },
    'before-birth',
    '#/sk/date',
  ],
  [
    'a golongan of a PPPK',
    'promotions',
    { ...promotion, golongan: 'IX' },
    'golongan-of-another-kind',
    '#/golongan',
  ],
  [
    'a step down without a sanction',
    'promotions',
    { ...promotion, golongan: 'II/a', tmt: '2020-04-01' },
    'steps-down-without-sanction',
    '#/golongan',
  ],
  ['the same golongan', 'promotions', { ...promotion, tmt: '2020-04-01' }, 'same-golongan', '#/golongan'],
  [
    'a year appraised twice',
    'appraisals',
    { ...appraisal, hasil: 'di-atas-ekspektasi' },
    'period-already-scored',
    '#/period',
  ],
  [
    'a certificate that is doubled',
    'trainings',
    { ...training, name: 'Lain' },
    'certificate-already-recorded',
    '#/certificate',
  ],
  ['a unit that nobody knows', 'placements', { unit: 'x', tmt: '2020-01-01', sk }, 'unit-unknown', '#/unit'],
  [
    'a wrong end',
    'sanctions',
    { jenis: 'teguran-lisan', tmt: '2023-01-01', until: '2024-01-01', sk },
    'wrong-end',
    '#/until',
  ],
  [
    'a lifting of nothing',
    `sanctions/${ID}/lifting`,
    { tmt: '2023-01-01', sk, because: 'x' },
    'no-such-sanction',
    '#',
  ],
  [
    'a correction of nothing',
    'corrections',
    { event: ID, because: 'x', fact: { type: 'Promoted', data: promotion } },
    'no-standing-event',
    '#/event',
  ],
];

describe('what is not in order', () => {
  it.each(BAD)('%s is refused, with where it stands', async (_, path, body, pointers) => {
    const { status, body: problem } = await refusedly(() => server.command(`/${subject}/${path}`, body));
    expect(status).toBe(400);
    const found = problem.errors.map(({ pointer }: { pointer: string }) => pointer);
    expect(found).toEqual(expect.arrayContaining([...pointers]));
  });

  it.each(REFUSED)('%s is refused by a rule, with its basis', async (_, path, body, code, pointer) => {
    const { status, body: problem } = await refusedly(() => server.command(`/${subject}/${path}`, body));
    expect(status).toBe(422);
    expect(problem).toMatchObject({
      type: `urn:jejak:refusal:${code}`,
      basis: expect.any(String),
      errors: [{ pointer }],
    });
  });

  it('a fact corrected to what the rules do not allow is refused where it stands', async () => {
    const { body } = await server.read(`/v1/civil-servants/${subject}/history`);
    const event = body.data[1].entry.id;
    const fact = { type: 'Promoted', data: { ...promotion, tmt: '1984-01-01' } };
    const reply = await refusedly(() =>
      server.command(`/${subject}/corrections`, { event, because: 'x', fact }),
    );
    expect(reply).toMatchObject({ status: 422, body: { errors: [{ pointer: '#/fact/data/tmt' }] } });
  });

  it('nobody is written about who is not on the record', async () => {
    for (const [path, body] of [
      ['promotions', promotion],
      ['findings', { kind: 'identity-doubtful', fields: ['nip'] }],
    ] as const) {
      const reply = await refusedly(() => server.command(`/${ID}/${path}`, body));
      expect(reply).toMatchObject({ status: 422, body: { type: 'urn:jejak:refusal:not-registered' } });
    }
  });
});

describe('a body that cannot be read', () => {
  const url = () => `/v1/civil-servants/${subject}/trainings`;
  const text = JSON.stringify({ ...training, certificate: 'C-2' });
  const send = (raw: string | Buffer, headers: Record<string, string> = {}) =>
    refusedly(() => server.ask('bkpsdm', 'POST', url(), { raw, headers: { 'if-match': '*', ...headers } }));

  it.each<[string, () => ReturnType<typeof send>, number]>([
    ['malformed JSON', () => send('{"name":'), 400],
    ['no body', () => send(''), 400],
    ['ill-formed UTF-8', () => send(Buffer.from(text.replace('Kursus', 'Kurs\xff'), 'latin1')), 400],
    ['a lone surrogate', () => send(text.replace('Kursus', 'Kurs\\ud800')), 400],
    ['a lone surrogate as a name', () => send('{"\\ud800":1}'), 400],
    ['a huge number', () => send(text.replace(':24', ':1e400')), 400],
    ['a number beyond 2^53', () => send(text.replace(':24', ':9007199254740993')), 400],
    ['a poisoned prototype', () => send('{"__proto__":{"x":1}}'), 400],
    ['a deep nest', () => send(`{"name":${'['.repeat(100_000)}${']'.repeat(100_000)}}`), 400],
    ['more than 1 MiB', () => send(text.replace('Kursus', 'x'.repeat(1_048_577))), 413],
    ['another charset', () => send(text, { 'content-type': 'application/json; charset=latin1' }), 415],
    ['another media type', () => send('a=b', { 'content-type': 'application/x-www-form-urlencoded' }), 415],
    ['text', () => send(text, { 'content-type': 'text/plain' }), 415],
  ])('%s is refused', async (_, ask, status) => {
    expect((await ask()).status).toBe(status);
  });

  it('headers that are not in order are refused', async () => {
    for (const headers of [
      { 'idempotency-key': 'a b' },
      { 'x-correlation-id': '198501012010011001' },
      { 'if-match': 'W/"1"' },
    ] as Record<string, string>[])
      expect((await send(text, headers)).status).toBe(400);
  });
});

describe('an address that is not in order', () => {
  it.each([
    ['/v1/civil-servants?limit=0', 400],
    ['/v1/civil-servants?limit=1e2', 400],
    ['/v1/civil-servants?limit=10&limit=20', 400],
    ['/v1/civil-servants?cursor=x', 400],
    [`/v1/civil-servants?cursor=${Buffer.from('[1,"2026-01-01",0]').toString('base64url')}`, 400],
    ['/v1/civil-servants?nip=198501012010011001', 400],
    ['/v1/units?effectiveOn=2026-02-30', 400],
    ['/v1/units?knownAt=yesterday', 400],
    ['/v1/units?knownAt=2026-02-31T25:00:00Z', 400],
    ['/v1/training-hours', 400],
    ['/v1/training-hours?year=20', 400],
    ['/v1/predikat-distribution?period=x', 400],
    ['/v1/findings?kind=x', 400],
    ['/v1/%zz', 400],
    ['/v1/nothing', 404],
    ['/', 404],
  ])('%s is refused', async (url, status) => {
    expect((await refusedly(() => server.ask('inspektorat', 'GET', url))).status).toBe(status);
  });
});
