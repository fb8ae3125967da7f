import { CATALOGUE } from '@app/domain/catalogue';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { Server } from './server.ts';

let server: Server;
beforeAll(async () => {
  server = await Server.start();
});
afterAll(() => server.stop());

const ask = (url: string, headers: Record<string, string> = {}) =>
  server.ask('integrator', 'GET', url, { headers });

describe('the contract', () => {
  it('lists the schema of every type of event, each at its address', async () => {
    const { status, body } = await ask('/v1/schemas');
    expect(status).toBe(200);
    const current = body.data.filter((one: { current: boolean }) => one.current);
    expect(current.map(({ type }: { type: string }) => type)).toEqual(Object.keys(CATALOGUE).sort());
    expect(body.data).toContainEqual({
      type: 'SanctionImposed',
      version: 1,
      current: true,
      class: 'restricted',
      url: 'http://localhost:3000/v1/schemas/SanctionImposed/1',
    });
  });

  it('gives schemas that data are checked with as they come', async () => {
    const { headers, body } = await ask('/v1/schemas/Promoted/1');
    expect(headers['content-type']).toMatch(/^application\/schema\+json/);
    expect(body).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: 'http://localhost:3000/v1/schemas/Promoted/1',
      'x-classification': 'internal',
    });
    const ajv = new Ajv2020({ keywords: ['x-classification'] });
    formats.default(ajv);
    const check = ajv.compile(body);
    expect(check({ golongan: 'III/b', jenis: 'reguler', tmt: '2021-10-01' })).toBe(true);
    expect(check({ golongan: 'III/b', jenis: 'reguler', tmt: '1 Oktober 2021' })).toBe(false);
  });

  it('describes the stream, the feed and the webhooks', async () => {
    const { status, body } = await ask('/v1/asyncapi.json');
    expect(status).toBe(200);
    expect(body).toMatchObject({ asyncapi: '3.0.0', servers: { jejak: { host: 'localhost:3000' } } });
    expect(Object.keys(body.channels)).toEqual(['events', 'feed', 'webhooks']);
  });

  it('is kept by who has it, until it says something else', async () => {
    for (const url of ['/v1/schemas', '/v1/schemas/Promoted/1', '/v1/asyncapi.json']) {
      const { headers } = await ask(url);
      expect(headers['cache-control']).toBe('private, max-age=3600');
      expect(await ask(url, { 'if-none-match': headers.etag ?? '' })).toMatchObject({
        status: 304,
        body: '',
      });
      expect(await ask(url, { 'if-none-match': '"another"' })).toMatchObject({ status: 200 });
    }
  });

  it('says so where there never was such a version or type', async () => {
    for (const name of [
      'Promoted/9',
      'Promoted/01',
      'promoted/1',
      'toString/1',
      '__proto__/1',
      'CloudEvent/1',
    ])
      expect(await ask(`/v1/schemas/${name}`)).toMatchObject({ status: 404, body: { status: 404 } });
  });

  it('is for who reads, and enters nothing in the access log', async () => {
    const before = await server.record.access.size();
    for (const role of ['inspektorat', 'bkpsdm', 'pimpinan', 'integrator'])
      expect(await server.ask(role, 'GET', '/v1/schemas')).toMatchObject({ status: 200 });
    expect(await server.ask('pegawai', 'GET', '/v1/schemas')).toMatchObject({ status: 403 });
    expect(await server.ask(undefined, 'GET', '/v1/schemas')).toMatchObject({ status: 401 });
    expect(await server.record.access.size()).toBe(before);
  });
});
