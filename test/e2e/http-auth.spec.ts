import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SignJWT } from 'jose';
import { Server } from './server.ts';

const OPEN = ['/livez', '/readyz'];
const ROLES = ['inspektorat', 'bkpsdm', 'pimpinan', 'pegawai', 'integrator'];
const ID = '0b9d6a52-6a53-4f6e-9d0e-3c2c5d8f9a01';

let server: Server;
let subject: string;
let routes: readonly { method: string; url: string }[];
beforeAll(async () => {
  server = await Server.start();
  subject = await server.register(1);
  await server.record.catchUp();
  const { body } = await server.ask(undefined, 'GET', '/docs/openapi.json');
  routes = Object.entries(body.paths as Record<string, object>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({
      method: method.toUpperCase(),
      url: path.replace('{subject}', subject).replace('{event}', ID).replace('{sha256}', 'a'.repeat(64)),
    })),
  );
});
afterAll(() => server.stop());

const closed = () => routes.filter(({ url }) => !OPEN.includes(url));

describe('who may ask', () => {
  it('nobody without a valid token, on every route that the API description has', async () => {
    expect(routes.length).toBeGreaterThan(20);
    const forged = await new SignJWT({ roles: ['bkpsdm'] })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer('urn:jejak:local')
      .setAudience('urn:jejak')
      .setSubject('x')
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode('x'.repeat(32)));
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`;
    for (const { method, url } of closed())
      for (const token of [undefined, 'x', none, forged]) {
        const { status, headers, body } = await server.ask(token, method, url);
        expect([url, status]).toEqual([url, 401]);
        expect(headers['www-authenticate']).toMatch(/^Bearer realm="jejak"/);
        expect(headers['content-type']).toMatch(/^application\/problem\+json/);
        expect(body).toMatchObject({ status: 401, title: expect.any(String), judul: expect.any(String) });
      }
  });

  it('no token that has expired', async () => {
    const { mintLocalToken } = await import('@app/people');
    const old = await mintLocalToken(server.dir, { role: 'bkpsdm', sub: 'x' }, -60);
    expect(await server.ask(old, 'GET', '/v1/units')).toMatchObject({ status: 401 });
  });

  /** Who besides the BKPSDM may command what; a legal hold is not for those whose records it holds. */
  const OTHERS: readonly [url: RegExp, roles: readonly string[]][] = [
    [/\/appraisals$/, ['bkpsdm', 'pimpinan']],
    [/\/lookup$/, ['bkpsdm', 'inspektorat', 'integrator']],
    [/\/bundles$/, ['bkpsdm', 'inspektorat']],
    [/\/legal-hold/, ['inspektorat']],
    [/\/subscriptions/, ['bkpsdm', 'integrator']],
  ];
  const may = (url: string, role: string) =>
    (OTHERS.find(([pattern]) => pattern.test(url))?.[1] ?? ['bkpsdm']).includes(role);

  it('commands only the BKPSDM, and appraisals also a pimpinan', async () => {
    for (const { method, url } of closed().filter((route) => /POST|PATCH|DELETE/.test(route.method)))
      for (const role of ROLES) {
        const { status } = await server.ask(role, method, url, { body: {} });
        expect([url, role, status === 403]).toEqual([url, role, !may(url, role)]);
      }
  });

  it('a pegawai only about oneself', async () => {
    const own = await server.token('pegawai', subject);
    const other = await server.token('pegawai', ID);
    const about = (url: string) =>
      ['', '/history', '/training-hours', '/access'].some((end) => url.endsWith(subject + end));
    for (const { url } of closed().filter(({ method }) => method === 'GET')) {
      expect([url, (await server.ask(own, 'GET', url)).status]).toEqual([url, about(url) ? 200 : 403]);
      expect([url, (await server.ask(other, 'GET', url)).status]).toEqual([url, 403]);
      expect([url, (await server.ask('pegawai', 'GET', url)).status]).toEqual([url, 403]);
    }
  });

  it('a pimpinan appraises in the own name only', async () => {
    const asked = (penilai: string) => ({
      headers: { 'if-match': '*' },
      body: {
        period: { kind: 'tahunan', year: 2024 },
        hasil: 'sesuai-ekspektasi',
        perilaku: 'sesuai-ekspektasi',
        penilai: { asn: true, subject: penilai },
      },
    });
    const url = `/v1/civil-servants/${subject}/appraisals`;
    const pimpinan = await server.token('pimpinan', ID);
    expect(await server.ask(pimpinan, 'POST', url, asked(subject))).toMatchObject({ status: 403 });
    expect(await server.ask('pimpinan', 'POST', url, asked(ID))).toMatchObject({ status: 403 });
    expect(await server.ask(pimpinan, 'POST', url, asked(ID))).toMatchObject({ status: 201 });
  });
});
