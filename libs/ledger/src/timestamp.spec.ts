import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOG_KEY, parseNote, signerOf, signNote } from '@app/proof';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { notTested } from '../../../test/engines/not-tested.ts';
import { NoTimestamp, timestamp, timestampRequest } from './timestamp.ts';

const NOTE = signNote('sibolga.example/log\n3\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n', [
  signerOf('sibolga.example/log', LOG_KEY, Buffer.alloc(32, 3)),
]);
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenssl) notTested('timestamps: there is no openssl; install it to have them tested');

/** An authority with a certificate of its own, whose only critical use is to stamp times. */
const CONFIG = `
[ req ]
distinguished_name = name
x509_extensions = extensions
prompt = no
[ name ]
CN = Otoritas Stempel Waktu Rekaan
[ extensions ]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[ tsa ]
default_tsa = authority
[ authority ]
serial = serial
crypto_device = builtin
signer_cert = tsa.crt
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
`;

(hasOpenssl ? describe : describe.skip)('a timestamp of a checkpoint', () => {
  let dir: string;
  let server: Server;
  let url: string;
  let answer: (request: Buffer) => { status: number; body: Buffer };
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });
  const stamp = (request: Buffer) => {
    writeFileSync(join(dir, 'query'), request);
    openssl(
      'ts',
      '-reply',
      '-config',
      'tsa.cnf',
      '-section',
      'authority',
      '-queryfile',
      'query',
      '-out',
      'reply',
    );
    return { status: 200, body: readFileSync(join(dir, 'reply')) };
  };
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'jejak-tsa-'));
    writeFileSync(join(dir, 'tsa.cnf'), CONFIG);
    writeFileSync(join(dir, 'serial'), '01\n');
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-config',
      'tsa.cnf',
      '-keyout',
      'tsa.key',
      '-out',
      'tsa.crt',
      '-days',
      '2',
    );
    server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const { status, body } = answer(Buffer.concat(parts));
        response.writeHead(status, { 'content-type': 'application/timestamp-reply' }).end(body);
      });
    }).listen(0, '127.0.0.1');
    await new Promise((listening) => server.once('listening', listening));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
    rmSync(dir, { recursive: true });
  });

  it('is asked for as OpenSSL reads it, over the text that is signed', () => {
    const { request } = timestampRequest(parseNote(NOTE).text, Buffer.alloc(8, 7));
    writeFileSync(join(dir, 'asked'), request);
    const text = openssl('ts', '-query', '-in', 'asked', '-text').toString();
    expect(text).toMatch(/Version: 1/);
    expect(text).toMatch(/Hash Algorithm: sha256/);
    expect(text).toMatch(/Certificate required: yes/);
    expect(text).toMatch(/Nonce: 0x4707070707070707/);
    for (const first of [0x00, 0x7f, 0x80, 0xff]) {
      writeFileSync(join(dir, 'asked'), timestampRequest('x\n', Buffer.alloc(8, first)).request);
      expect(openssl('ts', '-query', '-in', 'asked', '-text').toString()).toMatch(/Nonce: 0x[4-7]/);
    }
  });

  it('is kept as the authority gave it, and OpenSSL finds it good for this text and no other', async () => {
    answer = stamp;
    writeFileSync(join(dir, 'stamped.tsr'), await timestamp(NOTE, url));
    writeFileSync(join(dir, 'text'), parseNote(NOTE).text);
    writeFileSync(join(dir, 'other'), 'another text\n');
    const verify = (file: string) =>
      spawnSync('openssl', ['ts', '-verify', '-data', file, '-in', 'stamped.tsr', '-CAfile', 'tsa.crt'], {
        cwd: dir,
      }).status;
    expect([verify('text'), verify('other')]).toEqual([0, 1]);
  });

  it('is refused where the authority stamped something else, rejects, fails, or is not there', async () => {
    answer = () => stamp(timestampRequest('another text\n').request);
    await expect(timestamp(NOTE, url)).rejects.toThrow(/did not stamp what it was asked to/);
    answer = () => stamp(Buffer.from('not a query'));
    await expect(timestamp(NOTE, url)).rejects.toThrow(/did not stamp what it was asked to/);
    answer = () => ({ status: 500, body: Buffer.alloc(0) });
    await expect(timestamp(NOTE, url)).rejects.toThrow(/answered 500/);
    await expect(timestamp(NOTE, 'http://127.0.0.1:1/')).rejects.toThrow(NoTimestamp);
  });
});
