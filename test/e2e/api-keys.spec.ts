import { readSettings } from '@app/config';
import { API_KEY_ISSUER } from '@app/people';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createApp } from '../../apps/server/src/create-app.ts';
import { Server } from './server.ts';
import { Service, stopAll } from './service.ts';

const asked = { name: 'payroll', purpose: 'penggajian', reads: 'confidential' };

describe('a key of an integrator', () => {
  let server: Server;
  let subject: string;
  const issue = (body: object = asked, headers: Record<string, string> = {}) =>
    server.ask('bkpsdm', 'POST', '/v1/api-keys', { body, headers });
  const command = (method: string, path: string, body?: object) =>
    server.ask('bkpsdm', method, `/v1/api-keys/${path}`, body ? { body } : {});
  const use = async (secret: string, headers: Record<string, string> = {}) =>
    (await server.ask(secret, 'GET', `/v1/civil-servants/${subject}`, { headers })).status;

  beforeAll(async () => {
    server = await Server.start();
    subject = await server.register(1);
    await server.record.catchUp();
  });
  afterAll(() => server.stop());

  it('is given out once, and opens what an integrator may use, and nothing else', async () => {
    const { status, headers, body } = await issue();
    expect([status, headers['cache-control']]).toEqual([201, 'no-store']);
    const { key, secret, events } = body;
    expect(secret).toMatch(new RegExp(`^jjk_${key.id}_`));
    expect(key).toMatchObject({ ...asked, sees: 'restricted', revokedAt: null });
    expect(events).toMatchObject([{ type: 'ApiKeyChanged' }]);
    expect(await use(secret)).toBe(200);
    const refused = [
      ['POST', '/v1/civil-servants'],
      ['POST', `/v1/civil-servants/${subject}/awards`],
      ['GET', '/v1/access'],
      ['GET', '/v1/api-keys'],
      ['GET', `/v1/api-keys/${key.id}`],
      ['POST', '/v1/api-keys'],
      ['POST', `/v1/api-keys/${key.id}/rotate`],
      ['PATCH', `/v1/api-keys/${key.id}`],
      ['DELETE', `/v1/api-keys/${key.id}`],
    ] as const;
    for (const [method, url] of refused)
      expect([url, (await server.ask(secret, method, url)).status]).toEqual([url, 403]);
    const told = await server.ask('inspektorat', 'GET', '/v1/api-keys');
    const { data } = told.body;
    expect(data).toMatchObject([{ id: key.id, name: 'payroll', purpose: 'penggajian' }]);
    expect(JSON.stringify(data)).not.toMatch(/jjk_|hash/);
    expect((await server.ask('inspektorat', 'GET', `/v1/api-keys/${key.id}`)).body).toEqual(data[0]);
    expect((await server.ask('inspektorat', 'DELETE', `/v1/api-keys/${key.id}`)).status).toBe(403);
    expect((await server.ask('pimpinan', 'GET', '/v1/api-keys')).status).toBe(403);
  });

  it('reads for its own purpose, unless the read says another', async () => {
    const { body } = await issue();
    expect(await use(body.secret, { 'x-purpose': '' })).toBe(200);
    expect(await use(body.secret, { 'x-purpose': 'rekonsiliasi' })).toBe(200);
    const actor = await server.record.people.account(API_KEY_ISSUER, body.key.id);
    expect(await server.record.access.read({ actor, limit: 10 })).toMatchObject([
      { role: 'integrator', purpose: 'penggajian', subject },
      { role: 'integrator', purpose: 'rekonsiliasi', subject },
    ]);
  });

  it('has two secrets for a while when it is rotated, and none when it is revoked', async () => {
    const { body } = await issue();
    const { id } = body.key;
    const rotated = await command('POST', `${id}/rotate`, {});
    expect(rotated).toMatchObject({ status: 201, headers: { 'cache-control': 'no-store' } });
    const overlap = Date.parse(rotated.body.key.previousUntil) - Date.now();
    expect(Math.round(overlap / 3_600_000)).toBe(24);
    expect([await use(body.secret), await use(rotated.body.secret)]).toEqual([200, 200]);
    const again = await command('POST', `${id}/rotate`, { overlapHours: 0 });
    const statuses = async () => [
      await use(body.secret),
      await use(rotated.body.secret),
      await use(again.body.secret),
    ];
    expect(await statuses()).toEqual([401, 401, 200]);
    expect(await command('DELETE', id)).toMatchObject({ status: 201, body: { key: { id } } });
    expect(await statuses()).toEqual([401, 401, 401]);
    expect((await command('DELETE', id)).status).toBe(200);
    expect(await command('POST', `${id}/rotate`, {})).toMatchObject({
      status: 422,
      body: { type: 'urn:jejak:refusal:key-revoked' },
    });
  });

  it('changes its terms at once; each change is on the record', async () => {
    const { body } = await issue();
    const { id } = body.key;
    const changed = await command('PATCH', id, { reads: 'public', days: 1 });
    expect(changed).toMatchObject({ status: 201, body: { key: { reads: 'public', name: 'payroll' } } });
    expect(changed.body).not.toHaveProperty('secret');
    expect((await command('PATCH', id, { reads: 'public' })).status).toBe(200);
    expect(await command('PATCH', id, { sees: 'public', reads: 'internal' })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '#/reads' }] },
    });
    await server.record.catchUp();
    const stored = await server.record.store.read(`apiKey-${id}`);
    expect(stored.map(({ data }) => JSON.parse(data))).toMatchObject([
      { change: 'issued', reads: 'confidential' },
      { change: 'changed', reads: 'public' },
    ]);
    expect(JSON.stringify(stored)).not.toContain(body.secret.slice(21));
  });

  it('that has expired opens nothing', async () => {
    const { body } = await issue();
    expect(await use(body.secret)).toBe(200);
    await server.record.database.write((sql) =>
      sql('UPDATE api_key SET expires_at = ? WHERE id = ?', ['2026-01-01T00:00:00.000Z', body.key.id]),
    );
    const answer = await server.ask(body.secret, 'GET', '/v1/units');
    expect(answer).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer realm="jejak", error="invalid_token"' },
    });
  });

  it('that is revoked on the log is so again when a server starts on an older database', async () => {
    const { body } = await issue();
    expect((await command('DELETE', body.key.id)).status).toBe(201);
    await server.record.database.write((sql) =>
      sql('UPDATE api_key SET revoked_at = NULL WHERE id = ?', [body.key.id]),
    );
    expect(await use(body.secret)).toBe(200);
    const settings = readSettings({ DATA_DIR: server.dir, NODE_ENV: 'test' });
    await (await createApp(settings, server.record)).close();
    expect(await use(body.secret)).toBe(401);
  });

  it('is issued once under one idempotency key, and told once', async () => {
    const headers = { 'idempotency-key': 'issue-1' };
    const [first, again] = [await issue(asked, headers), await issue(asked, headers)];
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body.key).toEqual(first.body.key);
    expect(again.body).not.toHaveProperty('secret');
    expect((await issue({ ...asked, name: 'lain' }, headers)).status).toBe(422);
  });

  it.each<[string, object]>([
    ['no purpose', { name: 'payroll' }],
    ['somebody’s NIP', { ...asked, name: 'untuk 198501012010011001' }],
    ['somebody’s NIP in its purpose', { ...asked, purpose: '19850101 201001 1 001' }],
    ['no name at all', { ...asked, name: null }],
    ['an unknown class', { ...asked, sees: 'secret' }],
    ['too long a life', { ...asked, days: 401 }],
  ])('is not issued with %s', async (_, body) => {
    expect((await issue(body)).status).toBe(400);
  });

  it('that nobody has is not found', async () => {
    for (const [method, path, body] of [
      ['GET', 'x', undefined],
      ['PATCH', '0'.repeat(16), {}],
      ['DELETE', '0'.repeat(16), undefined],
      ['POST', '0'.repeat(16).concat('/rotate'), {}],
    ] as const)
      expect([path, (await command(method, path, body)).status]).toEqual([path, 404]);
    const { body } = await issue();
    expect((await command('PATCH', body.key.id, { name: null })).status).toBe(400);
  });

  it('opens the events of the log’s files only where it reads everything', async () => {
    const events = async (reads: string) => {
      const { body } = await issue({ ...asked, reads });
      return (await server.ask(body.secret, 'GET', '/log/tile/entries/000.p/255')).status;
    };
    expect([await events('confidential'), await events('restricted')]).toEqual([403, 404]);
    const { body } = await issue();
    expect((await server.ask(body.secret, 'GET', '/log/keys')).status).toBe(200);
  });
});

describe('how often an integrator may ask', () => {
  let server: Server;
  beforeAll(async () => {
    server = await Server.start(undefined, { env: { RATE_LIMIT: '2' } });
  });
  afterAll(() => server.stop());
  const issued = async () =>
    (await server.ask('bkpsdm', 'POST', '/v1/api-keys', { body: asked })).body.secret as string;

  it('is said in every answer; too often is told when to ask again', async () => {
    const secret = await issued();
    const ask = () => server.ask(secret, 'GET', '/v1/units');
    const [first, second, third] = [await ask(), await ask(), await ask()];
    expect([first.status, second.status, third.status]).toEqual([200, 200, 429]);
    for (const { headers } of [first, second, third])
      expect(headers['ratelimit-policy']).toBe('"integrator";q=2;w=60');
    expect(first.headers.ratelimit).toMatch(/^"integrator";r=1;t=\d+$/);
    expect(second.headers.ratelimit).toMatch(/^"integrator";r=0;t=\d+$/);
    const wait = /^"integrator";r=0;t=(\d+)$/.exec(third.headers.ratelimit ?? '')?.[1];
    expect(third.headers['retry-after']).toBe(wait);
    expect(Number(wait)).toBeGreaterThan(0);
    expect(Number(wait)).toBeLessThanOrEqual(30);
    expect(third.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(third.body).toMatchObject({
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      status: 429,
      'violated-policies': ['integrator'],
    });
  });

  it('is counted for each key, and for the account of a token', async () => {
    const [one, other] = [await issued(), await issued()];
    for (const token of [one, other, 'integrator']) {
      const answers = [1, 2, 3].map(() => server.ask(token, 'GET', '/v1/units'));
      expect((await Promise.all(answers)).map(({ status }) => status).sort()).toEqual([200, 200, 429]);
    }
  });

  it('is no matter for people', async () => {
    for (let n = 0; n < 5; n++) {
      const { status, headers } = await server.ask('inspektorat', 'GET', '/v1/units');
      expect([status, headers.ratelimit]).toEqual([200, undefined]);
    }
  });

  it('counts no one who has no valid key', async () => {
    const wrong = `jjk_${'0'.repeat(16)}_${'A'.repeat(43)}`;
    const { status, headers } = await server.ask(wrong, 'GET', '/v1/units');
    expect([status, headers.ratelimit]).toEqual([401, undefined]);
  });
});

describe('the log of a server', () => {
  afterEach(stopAll);

  it('holds no key, whatever is done with one', async () => {
    const service = await Service.start();
    const ask = (method: string, path: string, token?: string, body?: object) =>
      service.ask(
        method,
        path,
        token === undefined ? {} : { authorization: `Bearer ${token}` },
        body && JSON.stringify(body),
      );
    const { key, secret } = JSON.parse((await ask('POST', '/v1/api-keys', undefined, asked)).text);
    const rotated = JSON.parse((await ask('POST', `/v1/api-keys/${key.id}/rotate`, undefined, {})).text);
    const answers = [
      await ask('GET', '/v1/units', secret),
      await ask('GET', '/v1/units', `${secret}x`),
      await ask('GET', `/v1/units?key=${secret}`),
      await ask('GET', `/v1/api-keys/${secret}`),
      await ask('POST', '/v1/api-keys', secret, asked),
      await ask('POST', `/trial/failing/${secret}`, undefined, { nip: secret, name: secret }),
      await ask('DELETE', `/v1/api-keys/${key.id}`),
      await ask('GET', '/v1/units', secret),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 400, 404, 403, 500, 201, 401]);
    for (const { headers } of answers) await service.line(headers.get('x-request-id'));
    const text = JSON.stringify(service.lines);
    for (const one of [secret, rotated.secret] as string[]) expect(text).not.toContain(one.slice(21));
  });
});
