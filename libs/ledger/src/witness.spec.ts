import type { Database } from '@app/journal';
import { LOG_KEY, type Signer, sha256, signerOf, signNote, timeOf, trust, WITNESS_KEY } from '@app/proof';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { aFile, describeDialects, type Place } from '../../../test/engines/databases.ts';
import { GivenLog, seed } from '../../../test/ledger/log.ts';
import { Witness, type WitnessOf } from './witness.ts';
import { formatAddCheckpoint } from './witness-request.ts';
import { lastCosigned, openWitnessState } from './witness-state.ts';

const NOW = Date.parse('2026-03-01T00:00:00Z');
const NAME = 'inspektorat.sibolga.go.id';
let now = NOW;
const signer: Signer = signerOf(NAME, WITNESS_KEY, seed(2), () => now);

const log = new GivenLog().append(...Array.from({ length: 70 }, (_, n) => `leaf ${n}`));
const other = new GivenLog().append(...Array.from({ length: 70 }, (_, n) => `other ${n}`));
const hashOf = (origin: string) => sha256(origin).toString('hex');

/** Asks to cosign `size` leaves after `old`. */
const body = (old: number, size: number, of = log, note = of.note(size), proof = of.proof(old, size)) =>
  Buffer.from(formatAddCheckpoint(BigInt(old), proof, note));

let place: Place;
let database: Database;
let witness: Witness;
const open = async (more: Partial<WitnessOf> = {}) => {
  database = await openWitnessState(place.where);
  witness = new Witness({ database, signer, logs: [log.signer.verifier], ...more });
};
const ask = (request: Buffer | string) => witness.addCheckpoint(Buffer.from(request as string));
const statusOf = async (request: Buffer | string) => (await ask(request)).status;
const size = async () => (await lastCosigned(database.read, log.origin))?.size;

describeDialects('a witness', (aPlace) => {
  beforeEach(async () => {
    now = NOW;
    place = await aPlace();
    await open();
  });
  afterEach(async () => {
    await database.close();
    await place.remove();
  });

  it('cosigns a log from its beginning, as it grows, with its time', async () => {
    const steps = [0, 1, 2, 7, 8, 64, 70];
    for (const [n, to] of steps.entries()) {
      now = NOW + n * 1_000;
      const { status, body: line } = await ask(body(steps[n - 1] ?? 0, to));
      expect(status).toBe(200);
      const policy = { logs: [{ verifier: log.signer.verifier }], witnesses: new Map(), groups: new Map() };
      policy.witnesses.set('inspektorat', { verifier: signer.verifier });
      const trusted = trust(log.note(to) + line, { ...policy, quorum: 'inspektorat' });
      expect(trusted).toMatchObject({ size: BigInt(to), cosigned: new Map([['inspektorat', now / 1_000]]) });
    }
  });

  it('gives the last cosigned note of a log by the hash of its origin', async () => {
    expect((await witness.checkpoint(hashOf(log.origin))).status).toBe(404);
    const line = (await ask(body(0, 5))).body;
    expect(await witness.checkpoint(hashOf(log.origin))).toMatchObject({
      status: 200,
      body: log.note(5) + line,
    });
    expect((await witness.checkpoint(hashOf('another'))).status).toBe(404);
  });

  it('keeps no signature that it did not check', async () => {
    const stranger = signerOf('stranger', LOG_KEY, seed(9));
    const note = signNote(log.text(5), [stranger, log.signer]);
    const line = (await ask(body(0, 5, log, note))).body;
    expect((await witness.checkpoint(hashOf(log.origin))).body).toBe(log.note(5) + line);
  });

  it('answers 409 with the size it has cosigned to one that believes another', async () => {
    await ask(body(0, 5));
    for (const [old, to] of [
      [0, 5],
      [4, 5],
      [6, 70],
    ] as const)
      expect(await ask(body(old, to))).toEqual({
        status: 409,
        headers: { 'Content-Type': 'text/x.tlog.size' },
        body: '5\n',
      });
  });

  it('refuses with 422 what does not go on from what it cosigned', async () => {
    await ask(body(0, 5));
    expect(await statusOf(body(5, 8, other))).toBe(422);
    expect(await statusOf(body(5, 8, log, log.note(8), []))).toBe(422);
    expect(await statusOf(body(5, 8, log, log.note(8), other.proof(5, 8)))).toBe(422);
    expect(await statusOf(body(5, 8, log, log.note(8), [...log.proof(5, 8), log.root(1)]))).toBe(422);
    expect(await statusOf(body(5, 8, log, log.note(8, log.root(7))))).toBe(422);
    expect(await ask(body(5, 5, log, log.note(5, log.root(4))))).toMatchObject({
      status: 422,
      body: expect.stringContaining('another root'),
    });
    expect(await statusOf(body(5, 5, log, log.note(5), log.proof(4, 5)))).toBe(422);
    expect(await size()).toBe(5n);
  });

  it('refuses with 422 an empty log with a root, and a proof from nothing', async () => {
    const refused: readonly [Buffer, string][] = [
      [body(0, 0, log, log.note(0, log.root(1))), 'not the root of an empty log'],
      [body(0, 5, log, log.note(5), log.proof(4, 5)), 'nothing to prove'],
    ];
    for (const [request, why] of refused)
      expect(await ask(request)).toMatchObject({ status: 422, body: expect.stringContaining(why) });
    expect(await size()).toBeUndefined();
  });

  it('cosigns the same checkpoint again, with its new time', async () => {
    await ask(body(0, 5));
    now += 60_000;
    const { status, body: line } = await ask(body(5, 5));
    expect(status).toBe(200);
    expect(timeOf(Buffer.from(line.split(' ')[2] ?? '', 'base64').subarray(4))).toBe(now / 1_000);
    expect((await witness.checkpoint(hashOf(log.origin))).body).toContain(line);
  });

  it('checks in the order of the protocol', async () => {
    await ask(body(0, 5));
    const unknown = new GivenLog('another.go.id/log');
    unknown.append(...log.leaves);
    const forged = new GivenLog(log.origin, seed(7)).append(...log.leaves);
    // Each is wrong in all that comes after it, too.
    expect(await statusOf(body(9, 8, unknown, 'no note\n', []))).toBe(400);
    expect(await statusOf(body(9, 8, unknown, unknown.note(8), []))).toBe(404);
    expect(await statusOf(body(9, 8, forged, forged.note(8), []))).toBe(403);
    expect(await statusOf(body(9, 8, log, log.note(8), []))).toBe(400);
    expect(await statusOf(body(4, 8, other, other.note(8), []))).toBe(409);
    expect(await statusOf(body(5, 8, other, other.note(8), []))).toBe(422);
  });

  it('refuses with 403 a checkpoint without a signature of its log that is good', async () => {
    const unsigned = signNote(log.text(5), [signerOf('stranger', LOG_KEY, seed(9))]);
    expect(await statusOf(body(0, 5, log, unsigned))).toBe(403);
    const wrong = `${log.text(5)}\n${log.note(6).split('\n\n')[1]}`;
    expect(await statusOf(body(0, 5, log, wrong))).toBe(403);
    const twice = signNote(log.text(5), [log.signer, log.signer]);
    expect(await statusOf(body(0, 5, log, twice))).toBe(403);
    const cosigned = signNote(log.text(5), [signer]);
    expect(await statusOf(body(0, 5, log, cosigned))).toBe(403);
  });

  it('takes another spelling of the bytes of a signature for none', async () => {
    const spelled = log.note(5).replace(/(.)(=+\n)$/, (_, last: string, end: string) => {
      const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
      return `${base64[base64.indexOf(last) + 1]}${end}`;
    });
    expect(spelled).not.toBe(log.note(5));
    expect(await statusOf(body(0, 5, log, spelled))).toBe(403);
    expect(await statusOf(body(0, 5, log, spelled.replaceAll(log.origin, 'another')))).toBe(404);
  });

  it('knows a log by any of its keys', async () => {
    const next = new GivenLog(log.origin, seed(3)).append(...log.leaves);
    witness = new Witness({ database, signer, logs: [log.signer.verifier, next.signer.verifier] });
    expect(await statusOf(body(0, 5))).toBe(200);
    expect(await statusOf(body(5, 8, next))).toBe(200);
    const both = signNote(log.text(9), [log.signer, next.signer]);
    expect(await statusOf(body(8, 9, log, both))).toBe(200);
  });

  it('refuses with 400 what is no request', async () => {
    for (const request of ['', `old 00\n\n${log.note(5)}`, `old 0\n\n${log.text(5)}`])
      expect(await statusOf(request)).toBe(400);
  });

  it('answers one of two that ask with the same old at once, and lets the other know', async () => {
    await ask(body(0, 1));
    for (let [from, n] = [1, 0]; n < 20; n++, from += 3) {
      const answers = await Promise.all([ask(body(from, from + 2)), ask(body(from, from + 3))]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
      const won = from + (answers[0]?.status === 200 ? 2 : 3);
      expect(answers.find(({ status }) => status === 409)?.body).toBe(`${won}\n`);
      expect(await size()).toBe(BigInt(won));
      if (won < from + 3) await ask(body(won, from + 3));
    }
  });

  it('compares again when it persists: what was cosigned between is not lost', async () => {
    await ask(body(0, 1));
    let release = () => {};
    const held = new Promise<void>((done) => {
      release = done;
    });
    const reached = new Promise<void>((done) => {
      witness = new Witness({
        database,
        signer,
        logs: [log.signer.verifier],
        mayCosign: async (checkpoint) => {
          if (checkpoint.size !== 3n) return undefined;
          done();
          await held;
          return undefined;
        },
      });
    });
    const a = ask(body(1, 3));
    await reached;
    expect(await statusOf(body(1, 5))).toBe(200);
    release();
    expect(await a).toMatchObject({ status: 409, body: '5\n' });
    expect(await lastCosigned(database.read, log.origin)).toMatchObject({ size: 5n, root: log.root(5) });
  });

  it('does not cosign what it may not, and says why', async () => {
    witness = new Witness({
      database,
      signer,
      logs: [log.signer.verifier],
      mayCosign: async () => 'entry 3 is wrong',
    });
    expect(await ask(body(0, 5))).toMatchObject({ status: 422, body: 'entry 3 is wrong\n' });
    expect(await size()).toBeUndefined();
  });

  it('knows what it cosigned after it is started again', async () => {
    await ask(body(0, 5));
    await database.close();
    await open();
    expect(await statusOf(body(0, 8))).toBe(409);
    expect(await statusOf(body(5, 8, other))).toBe(422);
    expect(await statusOf(body(5, 8))).toBe(200);
  });

  it('has persisted before it answers, and gives no cosignature where it could not', async () => {
    await ask(body(0, 5));
    const broken = Object.create(database) as Database;
    broken.write = async (work) => {
      await database.write(async (sql, pen) => {
        await work(sql, pen);
        throw new Error('the power failed');
      });
      throw new Error('unreachable');
    };
    const failing = new Witness({ database: broken, signer, logs: [log.signer.verifier] });
    await expect(failing.addCheckpoint(body(5, 8))).rejects.toThrow('the power failed');
    expect(await size()).toBe(5n);
    expect(await statusOf(body(5, 9))).toBe(200);
  });

  it('keeps a size that is larger than numbers are exact', async () => {
    const large = 2n ** 63n - 1n;
    const text = log.text(1).replace('\n1\n', `\n${large}\n`);
    expect(await statusOf(`old 0\n\n${signNote(text, [log.signer])}`)).toBe(200);
    expect(await size()).toBe(large);
  });
});

it('a witness waits for the disk before it answers', async () => {
  place = await aFile();
  await open();
  const modes = await database.write((sql) => sql<{ synchronous: number }>('PRAGMA synchronous'));
  expect(modes).toEqual([{ synchronous: 2 }]);
  await database.close();
  await place.remove();
});
