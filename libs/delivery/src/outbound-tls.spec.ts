import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { notTested } from '../../../test/engines/not-tested.ts';
import { Outbound } from './outbound.ts';
import { sinkPolicy } from './sink.ts';

const hasOpenssl = (() => {
  try {
    return execFileSync('openssl', ['version']).length > 0;
  } catch {
    return false;
  }
})();
if (!hasOpenssl) notTested('webhooks over TLS: no openssl is found to make a certificate with');

/** A root of its own, and certificates under it by their names. */
function certificates(directory: string) {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' });
  const key = (name: string) =>
    openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', `${name}.key`);
  const pem = (file: string) => readFileSync(join(directory, file), 'utf8');
  key('ca');
  openssl(
    'req',
    '-x509',
    '-new',
    '-key',
    'ca.key',
    '-subj',
    '/CN=Test root',
    '-days',
    '30',
    '-out',
    'ca.pem',
  );
  return {
    ca: pem('ca.pem'),
    of: (name: string, alternatives: string) => {
      key(name);
      writeFileSync(join(directory, `${name}.cnf`), `subjectAltName=${alternatives}`);
      openssl('req', '-new', '-key', `${name}.key`, '-subj', '/CN=sink', '-out', `${name}.csr`);
      const issuer = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'];
      openssl(
        'x509',
        '-req',
        '-in',
        `${name}.csr`,
        ...issuer,
        '-extfile',
        `${name}.cnf`,
        '-days',
        '30',
        '-out',
        `${name}.pem`,
      );
      return { key: pem(`${name}.key`), cert: pem(`${name}.pem`) };
    },
  };
}

(hasOpenssl ? describe : describe.skip)('a webhook over TLS', () => {
  const directory = mkdtempSync(join(tmpdir(), 'jejak-'));
  const servers: Server[] = [];
  const outbounds: Outbound[] = [];
  let ca = '';
  const ports: Record<string, number> = {};
  const seen: { name: string; servername: unknown; host: string | undefined }[] = [];
  let connections = 0;

  beforeAll(async () => {
    const made = certificates(directory);
    ca = made.ca;
    const sinks = { payroll: 'DNS:payroll.test', other: 'DNS:other.test', address: 'IP:127.0.0.1' };
    for (const [name, alternatives] of Object.entries(sinks)) {
      const server = createServer(made.of(name, alternatives), (request, response) => {
        const { servername } = request.socket as TLSSocket & { servername: unknown };
        seen.push({ name, servername, host: request.headers.host });
        response.end('taken');
      });
      server.on('connection', () => connections++);
      servers.push(server.listen(0, '127.0.0.1'));
      await once(server, 'listening');
      ports[name] = (server.address() as AddressInfo).port;
    }
  });
  afterAll(() => {
    for (const out of outbounds) out.close();
    for (const server of servers) server.closeAllConnections();
    for (const server of servers) server.close();
    rmSync(directory, { recursive: true });
  });

  const outbound = (roots?: string) => {
    const policy = sinkPolicy(['127.0.0.0/8']);
    const out = new Outbound(policy, { ca: roots, timeoutMs: 5_000, resolve: async () => ['127.0.0.1'] });
    outbounds.push(out);
    return out;
  };
  const post = (out: Outbound, host: string, sink: string) =>
    out.post({ url: `https://${host}:${ports[sink]}/`, headers: {}, body: Buffer.from('{}') });

  it('is sent where the certificate is that of the name, at whatever address it is', async () => {
    const out = outbound(ca);
    seen.length = 0;
    const before = connections;
    for (const host of ['payroll.test', 'payroll.test', 'payroll.test.'])
      expect([host, await post(out, host, 'payroll')]).toEqual([
        host,
        expect.objectContaining({ status: 200 }),
      ]);
    expect(seen.map(({ servername }) => servername)).toEqual(Array(3).fill('payroll.test'));
    expect(seen[0]?.host).toBe(`payroll.test:${ports.payroll}`);
    expect(connections - before).toBe(1);
  });

  it('is not sent where it is that of another name, though the address is the same', async () => {
    const out = outbound(ca);
    expect(await post(out, 'payroll.test', 'payroll')).toMatchObject({ status: 200 });
    seen.length = 0;
    for (const [host, sink] of [
      ['other.test', 'payroll'],
      ['payroll.test', 'other'],
      ['payroll.test', 'address'],
      ['127.0.0.1', 'payroll'],
    ] as const)
      expect([host, sink, await post(out, host, sink)]).toEqual([
        host,
        sink,
        expect.objectContaining({ fault: 'tls', detail: expect.stringMatching(/of another host/) }),
      ]);
    expect(seen).toEqual([]);
  });

  it('is sent to an address in the URL where the certificate is that of the address', async () => {
    seen.length = 0;
    expect(await post(outbound(ca), '127.0.0.1', 'address')).toMatchObject({ status: 200 });
    // RFC 6066: no address is sent as a server name.
    expect(seen).toMatchObject([{ servername: false, host: `127.0.0.1:${ports.address}` }]);
  });

  it('is not sent where nobody known has signed the certificate', async () => {
    seen.length = 0;
    const said = await post(outbound(), 'payroll.test', 'payroll');
    expect(said).toMatchObject({ fault: 'tls', detail: expect.stringMatching(/certificate/) });
    expect(JSON.stringify(said)).not.toContain('127.');
    expect(seen).toEqual([]);
  });

  it('is not sent where TLS is not spoken', async () => {
    const { createServer: plain } = await import('node:http');
    const server = plain((_, response) => response.end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const said = await outbound(ca).post({
      url: `https://payroll.test:${port}/`,
      headers: {},
      body: Buffer.from('{}'),
    });
    server.closeAllConnections();
    server.close();
    expect(said).toMatchObject({ fault: 'tls' });
  });
});
