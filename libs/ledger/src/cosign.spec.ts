import type { IncomingMessage, ServerResponse } from 'node:http';
import { parsePolicy, type Signer, signatureLine, signerOf, trust, WITNESS_KEY } from '@app/proof';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aFile } from '../../../test/engines/databases.ts';
import { GivenLog, type Served, seed, serve } from '../../../test/ledger/log.ts';
import { Cosigners, type CosignersOptions } from './cosign.ts';
import { Witness } from './witness.ts';
import { openWitnessState } from './witness-state.ts';

const NAMES = ['inspektorat', 'bkpsdm', 'diskominfo'];
const signers = NAMES.map((name, n) => signerOf(name, WITNESS_KEY, seed(10 + n)));
const signerAt = (n: number) => signers[n] as Signer;

type Answers = (request: IncomingMessage, response: ServerResponse) => void;

describe('the askers of cosignatures', () => {
  let log: GivenLog;
  const after: (() => Promise<unknown>)[] = [];
  const requests: string[] = [];
  beforeEach(() => {
    requests.length = 0;
    log = new GivenLog().append(...Array.from({ length: 20 }, (_, n) => `leaf ${n}`));
  });
  afterEach(async () => {
    for (const close of after.splice(0).reverse()) await close();
  });

  async function served(answers: Answers): Promise<Served> {
    const server = await serve(answers);
    after.push(server.close);
    return server;
  }

  /** A witness as it should be, over HTTP. */
  async function honest(n: number, of = log): Promise<Answers> {
    const place = await aFile();
    const database = await openWitnessState(place.where);
    after.push(place.remove, () => database.close());
    const witness = new Witness({ database, signer: signerAt(n), logs: [of.signer.verifier] });
    return (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const asked = Buffer.concat(chunks);
        requests.push(asked.toString().split('\n')[0] as string);
        void witness.addCheckpoint(asked).then(({ status, headers, body }) => {
          response.writeHead(status, headers ?? {}).end(body);
        });
      });
    };
  }

  const says =
    (status: number, body: string, type = 'text/plain'): Answers =>
    (request, response) => {
      request.resume();
      request.on('end', () => response.writeHead(status, { 'Content-Type': type }).end(body));
    };

  const policyOf = (urls: readonly (string | undefined)[]) =>
    parsePolicy(
      [
        `log ${log.signer.verifier.vkey}`,
        ...urls.map((url, n) => `witness ${NAMES[n]} ${signerAt(n).verifier.vkey} ${url ?? ''}`),
        `group sah any ${urls.map((_, n) => NAMES[n]).join(' ')}`,
        'quorum sah',
      ].join('\n'),
    );

  async function cosignersOf(answers: readonly Answers[], options: CosignersOptions = {}) {
    const urls = await Promise.all(answers.map(async (one) => (await served(one)).url));
    return new Cosigners(policyOf(urls), { timeoutMs: 10_000, ...options });
  }

  const collect = (cosigners: Cosigners, size: number, of = log) =>
    cosigners.collect(of.note(size), async (from, to) => of.proof(from, to));

  const cosignedBy = (lines: readonly string[], size: number) => {
    const trusted = trust(log.note(size) + lines.join(''), policyOf(NAMES.map(() => undefined)));
    return 'distrusted' in trusted ? trusted : [...trusted.cosigned.keys()].sort();
  };

  it('bring the cosignatures of all witnesses, as the log grows', async () => {
    const cosigners = await cosignersOf([await honest(0), await honest(1), await honest(2)]);
    for (const size of [1, 2, 7, 7, 20]) {
      const { lines, failed } = await collect(cosigners, size);
      expect(failed).toEqual([]);
      expect(cosignedBy(lines, size)).toEqual([...NAMES].sort());
    }
    // What each had cosigned was remembered: none had to be asked twice.
    expect(requests).toHaveLength(3 * 5);
    expect(requests.slice(-3)).toEqual(['old 7', 'old 7', 'old 7']);
  });

  it('learn from a 409 what a witness has cosigned, and ask it once more', async () => {
    const witness = await honest(0);
    expect((await collect(await cosignersOf([witness]), 7)).failed).toEqual([]);
    const anew = await collect(await cosignersOf([witness]), 20);
    expect(cosignedBy(anew.lines, 20)).toEqual(['inspektorat']);
    expect(requests).toEqual(['old 0', 'old 0', 'old 7']);
  });

  it('do not ask for a cosignature of less than was cosigned', async () => {
    const cosigners = await cosignersOf([await honest(0)]);
    await collect(cosigners, 20);
    const { lines, failed } = await collect(cosigners, 7);
    expect(lines).toEqual([]);
    expect(failed).toMatchObject([{ name: 'inspektorat', because: expect.stringContaining('20 leaves') }]);
    expect((await collect(cosigners, 20)).failed).toEqual([]);
  });

  it('pass over witnesses without an address', async () => {
    const cosigners = new Cosigners(policyOf([undefined, undefined]));
    expect(await collect(cosigners, 7)).toEqual({ lines: [], failed: [] });
  });

  it('say who is dead, slow, or stopped on the way, and bring what the others gave', async () => {
    const dead = await served(says(200, ''));
    await dead.close();
    const slow = await served((request) => request.resume());
    const good = await served(await honest(2));
    const cosigners = new Cosigners(policyOf([dead.url, slow.url, good.url]), { timeoutMs: 500 });
    const { lines, failed } = await collect(cosigners, 7);
    expect(cosignedBy(lines, 7)).toEqual(['diskominfo']);
    expect(failed).toContainEqual({ name: 'inspektorat', because: expect.stringContaining('ECONNREFUSED') });
    expect(failed).toContainEqual({ name: 'bkpsdm', because: 'no cosignature within 500 ms' });
  });

  it('do not wait for a witness whose answer never ends, however it says it', async () => {
    const dripping: Answers = (_, response) => {
      const timer = setInterval(() => response.write('x'), 10);
      response.on('close', () => clearInterval(timer));
    };
    const flooding: Answers = (_, response) => {
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', more);
      more();
    };
    const cosigners = await cosignersOf([dripping, flooding, await honest(2)], { timeoutMs: 500 });
    const { lines, failed } = await collect(cosigners, 7);
    expect(cosignedBy(lines, 7)).toEqual(['diskominfo']);
    expect(failed).toContainEqual({ name: 'inspektorat', because: 'no cosignature within 500 ms' });
    expect(failed).toContainEqual({ name: 'bkpsdm', because: 'the answer is longer than 65536 bytes' });
  });

  it('do not wait for a proof, nor for a fetch, that does not come', async () => {
    const witness = await honest(0);
    await collect(await cosignersOf([witness]), 7);
    const cosigners = await cosignersOf([witness], { timeoutMs: 200 });
    const stuck = await cosigners.collect(log.note(20), () => new Promise(() => {}));
    expect(stuck.failed).toHaveLength(1);
    const deaf = await cosignersOf([witness], { timeoutMs: 200, fetch: () => new Promise(() => {}) });
    expect((await collect(deaf, 20)).failed).toHaveLength(1);
  });

  it('stop when they are told to', async () => {
    const cosigners = await cosignersOf([(request) => request.resume()], { timeoutMs: 600_000 });
    const stop = new AbortController();
    const collecting = cosigners.collect(log.note(7), async () => [], stop.signal);
    stop.abort(new Error('the server stops'));
    expect(await collecting).toEqual({
      lines: [],
      failed: [{ name: 'inspektorat', because: 'the server stops' }],
    });
  });

  it('take no line that is not by the key of the witness that was asked', async () => {
    const text = log.text(7);
    const LIES: readonly string[] = [
      '',
      'ok\n',
      signatureLine(signerAt(1), text),
      signatureLine(signerAt(0), log.text(6)),
      signatureLine(signerOf('inspektorat', WITNESS_KEY, seed(99)), text),
      log.note(7).split('\n\n')[1] as string,
      signatureLine(signerAt(0), text).slice(0, -8),
    ];
    for (const lie of LIES) {
      const { lines, failed } = await collect(await cosignersOf([says(200, lie)]), 7);
      expect(lines).toEqual([]);
      expect(failed).toEqual([
        { name: 'inspektorat', because: expect.stringContaining('not with a cosignature') },
      ]);
    }
  });

  it('take the one good line among others', async () => {
    const good = signatureLine(signerAt(0), log.text(7));
    const told = `${signatureLine(signerAt(1), log.text(7))}garbage\n${good}${good}`;
    const { lines, failed } = await collect(await cosignersOf([says(200, told)]), 7);
    expect([lines, failed]).toEqual([[good], []]);
  });

  it('do not follow a witness elsewhere, and say what else it answered', async () => {
    const elsewhere = await served(await honest(0));
    const redirecting: Answers = (_, response) =>
      response.writeHead(307, { Location: `${elsewhere.url}/add-checkpoint` }).end();
    const { failed } = await collect(
      await cosignersOf([redirecting, says(403, 'no\n'), says(409, '3\n')]),
      7,
    );
    expect(Object.fromEntries(failed.map(({ name, because }) => [name, because]))).toEqual({
      inspektorat: expect.stringContaining('307'),
      bkpsdm: 'it answered 403: "no"',
      diskominfo: 'it answered 409: "3"',
    });
    expect(elsewhere.asked).toEqual([]);
  });

  it('ask no third time one that tells of another size each time, and ask it anew the next time', async () => {
    let told = 0;
    let lies = true;
    const truthful = await honest(0);
    const lying: Answers = (request, response) =>
      lies ? says(409, `${++told}\n`, 'text/x.tlog.size')(request, response) : truthful(request, response);
    const cosigners = await cosignersOf([lying]);
    expect((await collect(cosigners, 7)).failed).toHaveLength(1);
    expect(told).toBe(2);
    told = 1_000;
    expect((await collect(cosigners, 7)).failed).toMatchObject([
      { because: expect.stringContaining('1001 leaves') },
    ]);
    lies = false;
    expect((await collect(cosigners, 7)).failed).toEqual([]);
  });
});
