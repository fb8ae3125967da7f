import { setTimeout as wait } from 'node:timers/promises';
import type { Accessed } from '@app/ledger';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module } from '@nestjs/common';
import { Roles } from '../../apps/server/src/roles.ts';
import { registration, Server } from './server.ts';
import { ID } from './service.ts';

const { nip: NIP, name: NAME } = registration(1).person;
/** The doors that tell of nobody; whatever else there is, and comes, is read of persons. */
const OF_NOBODY = [
  '/livez',
  '/readyz',
  '/v1/views',
  '/v1/units',
  '/v1/predikat-distribution',
  '/v1/schemas',
  '/v1/schemas/{type}/{version}',
  '/v1/asyncapi.json',
  '/v1/api-keys',
  '/v1/subscriptions',
];

type Route = { readonly method: string; readonly path: string; readonly url: string };

let server: Server;
let subject: string;
let sha256: string;
/** Every door for a question. */
let questions: readonly Route[];
beforeAll(async () => {
  server = await Server.start();
  subject = await server.register(1);
  sha256 = (await server.document()).sha256;
  await server.record.catchUp();
  const { body } = await server.ask(undefined, 'GET', '/docs/openapi.json');
  const asked: Record<string, string> = {
    '/v1/training-hours': '?year=2025',
    '/v1/predikat-distribution': '?period=2025',
  };
  // A receipt is hashes of an event that nobody here has sealed (ledger.spec.ts); a stream has no end (events.spec.ts).
  const paths = Object.entries(body.paths as Record<string, object>).filter(
    ([path]) => !/receipts|stream|outbox\/|\{key\}|\{subscription\}/.test(path),
  );
  const [row] = await server.record.journal.rows(0, 1);
  questions = paths.flatMap(([path, methods]) =>
    Object.keys(methods)
      .filter((method) => method === 'get' || path.endsWith('/lookup'))
      .map((method) => ({
        method: method.toUpperCase(),
        path,
        url:
          path
            .replace('{subject}', subject)
            .replace('{sha256}', sha256)

            .replace('{event}', row?.id ?? '')
            .replace('{type}/{version}', 'Promoted/1') + (asked[path] ?? ''),
      })),
  );
});
afterAll(() => server.stop());

let before: number;
beforeEach(async () => {
  before = await server.record.access.size();
});
/** What was entered since the test began. */
const entered = (): Promise<Accessed[]> => server.record.access.read({ after: before - 1, limit: 1_000 });

const personal = () => questions.filter(({ path }) => !OF_NOBODY.includes(path));
const read = ({ method, url }: Route, headers: Record<string, string> = {}, as = 'inspektorat') =>
  server.ask(as, method, url, {
    headers,
    ...(method === 'POST' ? { body: { nip: NIP } } : {}),
  });
/** What a read through a door leaves. */
const entryOf = ({ method, path, url }: Route, index: number) => ({
  index,
  at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  actor: expect.stringMatching(/^[0-9a-f-]{36}$/),
  role: 'inspektorat',
  purpose: 'uji',
  what: `${method} ${path.replace('{subject}', ':subject').replace('{sha256}', sha256).replace('{event}', ':event')}${/\?\w+/.exec(url) ?? ''}`,
  subject: /subject|lookup|event\}/.test(path) ? subject : null,
  outcome: 'answered',
});
const profile = () => ({ method: 'GET', path: '', url: `/v1/civil-servants/${subject}` });

describe('a read of persons’ data', () => {
  it('is an entry, on every door but those that tell of nobody', async () => {
    expect(personal().length).toBeGreaterThanOrEqual(9);
    for (const route of questions) {
      const size = await server.record.access.size();
      expect([route.url, (await read(route)).status]).toEqual([route.url, 200]);
      const entries = await server.record.access.read({ after: size - 1, limit: 10 });
      expect(entries).toEqual(OF_NOBODY.includes(route.path) ? [] : [entryOf(route, size)]);
    }
  });

  it('is entered before it is answered', async () => {
    const order: string[] = [];
    const { access } = server.record;
    const note = access.note.bind(access);
    access.note = async (entries) => {
      await wait(100);
      await note(entries);
      order.push('entered');
    };
    try {
      for (const route of personal()) {
        await read(route);
        order.push('answered');
      }
      await read(profile(), {}, await server.token('pegawai', ID));
      order.push('answered');
    } finally {
      access.note = note;
    }
    expect(order).toEqual([...personal(), profile()].flatMap(() => ['entered', 'answered']));
  });

  it('is not answered where it cannot be entered', async () => {
    const { database } = server.record;
    await database.write((sql) =>
      sql(`CREATE TRIGGER full BEFORE INSERT ON access BEGIN SELECT RAISE(ABORT, 'no more'); END`),
    );
    try {
      const other = await server.token('pegawai', ID);
      for (const [route, as] of [
        ...personal().map((one) => [one, 'inspektorat'] as const),
        [profile(), other] as const,
      ]) {
        const { status, headers, body } = await read(route, {}, as);
        expect([route.url, status, headers['retry-after']]).toEqual([route.url, 503, '5']);
        expect(headers['content-type']).toMatch(/^application\/problem\+json/);
        expect(Object.keys(body).sort()).toEqual(['detail', 'judul', 'status', 'title', 'type']);
        expect(JSON.stringify(body)).not.toMatch(/Rekaan|1985|PDF/);
      }
      expect((await server.ask('inspektorat', 'GET', '/v1/units')).status).toBe(200);
    } finally {
      await database.write((sql) => sql('DROP TRIGGER full'));
    }
    expect(await entered()).toEqual([]);
    expect((await read(profile())).status).toBe(200);
  });

  it('that finds nothing is an entry; a request that is not in order is none', async () => {
    for (const url of [
      `/v1/civil-servants/${ID}`,
      `/v1/civil-servants/${NIP}/history`,
      `/v1/evidence/${'a'.repeat(64)}`,
    ])
      expect(await read({ method: 'GET', path: '', url })).toMatchObject({ status: 404 });
    expect(
      (await server.ask('bkpsdm', 'POST', '/v1/civil-servants/lookup', { body: { nip: '1'.repeat(18) } }))
        .body.data,
    ).toEqual([]);
    for (const url of ['/v1/civil-servants?limit=0', `/v1/findings?nip=${NIP}`, '/v1/access?after=x'])
      expect(await read({ method: 'GET', path: '', url })).toMatchObject({ status: 400 });
    expect((await entered()).map(({ what, subject: of, outcome }) => [what, of, outcome])).toEqual([
      ['GET /v1/civil-servants/:subject', ID, 'answered'],
      ['GET /v1/civil-servants/:subject/history', null, 'answered'],
      ['GET /v1/evidence/:sha256', null, 'answered'],
      ['POST /v1/civil-servants/lookup', null, 'answered'],
    ]);
  });

  it('of those whom a name leads to is an entry for each', async () => {
    const other = await server.register(11);
    const body = { name: 'orang rekaan 1' };
    await server.ask('integrator', 'POST', '/v1/civil-servants/lookup', { body });
    expect((await entered()).map(({ role, subject: of }) => [role, of])).toEqual(
      expect.arrayContaining([
        ['integrator', subject],
        ['integrator', other],
      ]),
    );
    expect(await entered()).toHaveLength(2);
  });

  it('of one among many is that one’s; of many, what was asked by is told by name alone', async () => {
    await read({ method: 'GET', path: '', url: `/v1/findings?subject=${subject}&kind=identity-doubtful` });
    await read({
      method: 'GET',
      path: '',
      url: `/v1/civil-servants?unit=${NIP}&limit=2&effectiveOn=2020-01-01`,
    });
    await read({ method: 'GET', path: '', url: `/v1/evidence/${sha256}?${NIP}=${NAME}&Rekaan` });
    expect((await entered()).map(({ what, subject: of }) => [what, of])).toEqual([
      ['GET /v1/findings?kind&subject', subject],
      ['GET /v1/civil-servants?effectiveOn&limit&unit', null],
      [`GET /v1/evidence/${sha256}`, null],
    ]);
  });
});

describe('a door that does not say of whom it tells', () => {
  @Controller('undecided')
  class Undecided {
    @Get()
    @Roles('bkpsdm')
    tell() {
      return { data: 1 };
    }
  }
  @Module({ controllers: [Undecided] })
  class More {}

  it('is taken to tell of persons', async () => {
    const other = await Server.start(undefined, { modules: [More] });
    try {
      const ask = (headers: Record<string, string>) => other.ask('bkpsdm', 'GET', '/undecided', { headers });
      expect((await ask({ 'x-purpose': '' })).status).toBe(400);
      expect((await ask({})).status).toBe(200);
      expect(await other.record.access.read({ limit: 10 })).toMatchObject([{ what: 'GET /undecided' }]);
    } finally {
      await other.stop();
    }
  });
});

describe('a denied read', () => {
  it('is an entry, whether the role is missing or the record is another’s', async () => {
    const own = await server.token('pegawai', ID);
    for (const [as, url, headers] of [
      ['pegawai', '/v1/civil-servants', {}],
      ['pimpinan', '/v1/access', {}],
      ['integrator', `/v1/evidence/${sha256}`, { 'x-purpose': '' }],
      [own, `/v1/civil-servants/${subject}/history`, { 'x-purpose': `NIP ${NIP}` }],
      [own, `/v1/civil-servants/${subject}/access`, {}],
      [own, `/v1/civil-servants?${NIP}=${NAME}`, {}],
      ['pegawai', '/v1/units', {}],
    ] as const)
      expect([url, (await server.ask(as, 'GET', url, { headers })).status]).toEqual([url, 403]);
    const lookup = { body: { nip: NIP } };
    expect((await server.ask('pimpinan', 'POST', '/v1/civil-servants/lookup', lookup)).status).toBe(403);
    expect(
      (await server.ask('pegawai', 'POST', '/v1/civil-servants', { body: registration(1) })).status,
    ).toBe(403);
    expect(
      (await entered()).map(({ role, purpose, what, subject: of, outcome }) => [
        role,
        purpose,
        what,
        of,
        outcome,
      ]),
    ).toEqual([
      ['pegawai', 'uji', 'GET /v1/civil-servants', null, 'denied'],
      ['pimpinan', 'uji', 'GET /v1/access', null, 'denied'],
      ['integrator', 'tidak disebut', 'GET /v1/evidence/:sha256', null, 'denied'],
      ['pegawai', 'tidak disebut', 'GET /v1/civil-servants/:subject/history', subject, 'denied'],
      ['pegawai', 'uji', 'GET /v1/civil-servants/:subject/access', subject, 'denied'],
      ['pegawai', 'uji', 'GET /v1/civil-servants', null, 'denied'],
      ['pimpinan', 'uji', 'POST /v1/civil-servants/lookup', null, 'denied'],
    ]);
  });
});

describe('what a read is for', () => {
  it('must be said by whoever does not read the own record', async () => {
    for (const route of personal()) {
      const reply = await read(route, { 'x-purpose': '' });
      expect([route.url, reply.status]).toEqual([route.url, 400]);
      expect(reply.body).toMatchObject({
        type: 'urn:jejak:refusal:purpose-missing',
        detail: expect.stringContaining('send X-Purpose'),
        errors: [{ pointer: 'X-Purpose' }],
      });
    }
    expect(
      (await server.ask('inspektorat', 'GET', '/v1/units', { headers: { 'x-purpose': '' } })).status,
    ).toBe(200);
    expect(await entered()).toEqual([]);
  });

  it('is taken as it was sent, in whatever way headers can say it', async () => {
    const sent = [
      'pemeriksaan 50% selesai',
      encodeURIComponent('Rapat “Baperjakat” — évaluasi'),
      Buffer.from('évaluasi').toString('latin1'),
      'é',
      'x'.repeat(200),
    ];
    for (const purpose of sent) expect((await read(profile(), { 'x-purpose': purpose })).status).toBe(200);
    expect((await entered()).map(({ purpose }) => purpose)).toEqual([
      'pemeriksaan 50% selesai',
      'Rapat “Baperjakat” — évaluasi',
      'évaluasi',
      'é',
      'x'.repeat(200),
    ]);
  });

  it.each(['%20', '%00a', 'a%0Ab', 'x'.repeat(201), `NIP ${NIP}`, '%E2%80%AEa'])(
    'is not %j',
    async (purpose) => {
      expect(await read(profile(), { 'x-purpose': purpose })).toMatchObject({
        status: 400,
        body: { type: 'urn:jejak:refusal:purpose-missing' },
      });
      expect(await entered()).toEqual([]);
    },
  );

  it('goes without saying for the own record', async () => {
    const own = await server.token('pegawai', subject);
    const leader = await server.token('pimpinan', subject);
    for (const [as, url] of [
      [own, ''],
      [own, '/training-hours'],
      [own, '/access'],
      [leader, '/history'],
    ] as const) {
      const asked = `/v1/civil-servants/${subject}${url}`;
      expect((await server.ask(as, 'GET', asked, { headers: { 'x-purpose': '' } })).status).toBe(200);
    }
    const another = { headers: { 'x-purpose': '' } };
    const colleague = await server.token('pimpinan', ID);
    expect((await server.ask(colleague, 'GET', profile().url, another)).status).toBe(400);
    expect((await entered()).map(({ role, purpose, subject: of }) => [role, purpose, of])).toEqual([
      ...Array(3).fill(['pegawai', 'diri sendiri', subject]),
      ['pimpinan', 'diri sendiri', subject],
    ]);
  });
});

describe('the access log', () => {
  it('is told to the Inspektorat, by subject, by actor and page by page', async () => {
    for (const as of ['bkpsdm', 'inspektorat', 'bkpsdm']) await read(profile(), {}, as);
    const list = async (query: string) => {
      const { status, body } = await server.ask(
        'inspektorat',
        'GET',
        `/v1/access?after=${before - 1}${query}`,
      );
      expect(status).toBe(200);
      return body;
    };
    const { data, next } = await list('&limit=2');
    expect([data.length, next]).toEqual([2, before + 1]);
    const actor = data[0].actor;
    expect(
      (await list(`&actor=${actor}&subject=${subject}`)).data.map(({ index }: Accessed) => index),
    ).toEqual([before, before + 2]);
    expect((await list(`&subject=${ID}`)).data).toEqual([]);
    expect((await entered()).slice(3).map(({ what, subject: of }) => [what, of])).toEqual([
      ['GET /v1/access?after&limit', null],
      ['GET /v1/access?actor&after&subject', subject],
      ['GET /v1/access?after&subject', ID],
    ]);
  });

  it('is told to the person concerned, with accounts and without names', async () => {
    await read(profile(), { 'x-purpose': 'usul satyalancana' }, 'bkpsdm');
    const own = await server.token('pegawai', subject);
    const { status, body } = await server.ask(
      own,
      'GET',
      `/v1/civil-servants/${subject}/access?after=${before - 1}`,
    );
    expect([status, body.data]).toEqual([
      200,
      [
        {
          index: before,
          at: expect.any(String),
          actor: expect.stringMatching(/^[0-9a-f-]{36}$/),
          role: 'bkpsdm',
          purpose: 'usul satyalancana',
          what: 'GET /v1/civil-servants/:subject',
          subject,
          outcome: 'answered',
        },
      ],
    ]);
  });

  it('has no gap, and nobody’s name or number, whatever was asked', async () => {
    const entries = await server.record.access.read({ limit: 10_000 });
    expect(entries.length).toBeGreaterThan(45);
    expect(entries.map(({ index }) => index)).toEqual(entries.map((_, n) => n));
    const rows = JSON.stringify(await server.record.database.read('SELECT * FROM access'));
    expect(rows).not.toMatch(/1985|Rekaan|1{18}/i);
  });
});
