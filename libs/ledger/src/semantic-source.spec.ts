import { leafHash, rootOf } from '@app/proof';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aFile, describeDialects } from '../../../test/engines/databases.ts';
import { good, UNIT } from '../../../test/ledger/good-journal.ts';
import { BEGUN, GivenJournal } from '../../../test/ledger/journal.ts';
import { serve } from '../../../test/ledger/log.ts';
import { checkpointOf, Mirroring } from '../../../test/ledger/mirroring.ts';
import { LogUnreachable } from './log-source.ts';
import { SemanticWitness } from './semantic.ts';

let mirroring: Mirroring;

describeDialects('what a log shows to a semantic witness', (aPlace) => {
  beforeEach(async () => {
    mirroring = await Mirroring.begin(aPlace);
  });
  afterEach(() => mirroring.end());

  it('is refused where an entry is not the one of its tree, by its index, and is not kept', async () => {
    const { log } = good();
    const other = new GivenJournal();
    other.append(...log.leaves);
    other.leaves[3] = Buffer.from(String(log.leaves[3]).replace('"version":1', '"version":2'));
    const lying = await mirroring.tiles(log, (path, bytes) =>
      path.includes('entries') ? other.tile(path) : bytes,
    );
    const witness = await mirroring.witness(log, lying);
    expect(await witness.mayCosign(checkpointOf(log))).toContain('entry 3: ');
    expect(await witness.findings()).toMatchObject([{ index: 3, rule: 'entry-not-in-tree' }]);
    expect(await mirroring.size()).toBe(0);
    expect(await (await mirroring.witness(log)).mayCosign(checkpointOf(log))).toBeUndefined();
  });

  it('is refused where entries and tiles agree, but are not of the tree that was signed', async () => {
    const { log } = good();
    const witness = await mirroring.witness(log);
    expect(await witness.mayCosign(checkpointOf(log, 5))).toBeUndefined();
    const signed = { ...checkpointOf(log), root: rootOf([leafHash('another')]) };
    expect(await witness.mayCosign(signed)).toContain('entry 5: ');
    expect(await witness.findings()).toMatchObject([{ index: 5, rule: 'tree-differs' }]);
    expect(await mirroring.size()).toBe(5);
  });

  it('is refused where a step of a long log is not proven to be in the tree', async () => {
    const log = new GivenJournal();
    for (let n = 0; n < 2_500; n++) log.record(`unit-${n % 10}`);
    mirroring.now = BEGUN + 2_500_000;
    const other = new GivenJournal();
    other.append(...log.leaves);
    other.leaves[100] = log.leaves[99] as Buffer;
    const lying = await mirroring.tiles(log, (path, bytes) =>
      path.includes('entries') ? other.tile(path) : bytes,
    );
    expect(await (await mirroring.witness(log, lying)).mayCosign(checkpointOf(log))).toContain('entry 100: ');
    const consistent = await mirroring.tiles(other);
    expect(await (await mirroring.witness(log, consistent)).mayCosign(checkpointOf(log))).toContain(
      'tree-differs',
    );
    expect(await mirroring.size()).toBe(0);
  });

  it('may be less than it was, if it is its beginning', async () => {
    const { log } = good();
    const witness = await mirroring.witness(log);
    expect(await witness.mayCosign(checkpointOf(log))).toBeUndefined();
    for (const size of [0, 1, 5, 8]) expect(await witness.mayCosign(checkpointOf(log, size))).toBeUndefined();
    expect(await witness.mayCosign({ ...checkpointOf(log, 5), root: log.root(4) })).toContain('tree-differs');
    expect(await witness.mayCosign({ ...checkpointOf(log), root: log.root(4) })).toContain('tree-differs');
  });

  it('may be a full tile where the partial one has gone', async () => {
    const log = new GivenJournal();
    for (let n = 0; n < 300; n++) log.record(`unit-${n % 10}`);
    const served = await mirroring.tiles(log, (path, bytes) => (path.includes('.p/') ? undefined : bytes));
    const witness = await mirroring.witness(log, served);
    expect(await witness.mayCosign(checkpointOf(log, 200))).toBeUndefined();
    expect(served.asked).toEqual(['/tile/entries/000.p/200', '/tile/entries/000']);
    await expect(witness.mayCosign(checkpointOf(log, 299))).rejects.toThrow(LogUnreachable);
  });

  it('is asked for with the token, which no fault repeats', async () => {
    const { log } = good();
    const token = 'a-token-that-is-secret';
    const served = await mirroring.until(
      serve((request, response) => {
        const isKnown = request.headers.authorization === `Bearer ${token}`;
        response.writeHead(isKnown ? 200 : 401).end(isKnown ? log.tile((request.url ?? '').slice(1)) : '');
      }),
    );
    expect(
      await (await mirroring.witness(log, served, { token })).mayCosign(checkpointOf(log)),
    ).toBeUndefined();
    const unknown = await mirroring.witness(log, served, { token: `${token}!` });
    log.record(UNIT);
    const fault = await unknown.mayCosign(checkpointOf(log)).catch((cause: unknown) => cause);
    expect(fault).toBeInstanceOf(LogUnreachable);
    expect(String((fault as Error).stack)).not.toContain(token);
  });

  it('may be out of reach, or nonsense, which is no finding', async () => {
    const { log } = good();
    const bodies: readonly [status: number, body: Buffer | string][] = [
      [404, ''],
      [500, ''],
      [302, ''],
      [200, 'nonsense'],
      [200, ''],
      [200, Buffer.of(0, 200, 1)],
      [200, Buffer.alloc(20 * 65_537)],
    ];
    for (const [status, body] of bodies) {
      const served = await mirroring.until(serve((_, response) => response.writeHead(status).end(body)));
      const witness = await mirroring.witness(log, served);
      await expect(witness.mayCosign(checkpointOf(log))).rejects.toThrow(LogUnreachable);
      expect(await witness.findings()).toEqual([]);
    }
    const long = new GivenJournal();
    for (let n = 0; n < 2_100; n++) long.record(UNIT);
    const short = await mirroring.tiles(long, (path, bytes) =>
      path.includes('entries') ? bytes : bytes?.subarray(0, 40),
    );
    mirroring.now = BEGUN + 2_100_000;
    await expect((await mirroring.witness(long, short)).mayCosign(checkpointOf(long))).rejects.toThrow(
      LogUnreachable,
    );
    const slow = await mirroring.until(serve(() => undefined));
    const late = await mirroring.witness(log, slow, { timeoutMs: 50 });
    await expect(late.mayCosign(checkpointOf(log))).rejects.toThrow(LogUnreachable);
    const stop = new AbortController();
    const stopped = (await mirroring.witness(log, slow, { signal: stop.signal })).mayCosign(
      checkpointOf(log),
    );
    stop.abort();
    await expect(stopped).rejects.toThrow(LogUnreachable);
  });
});

describe('the state of a semantic witness', () => {
  beforeEach(async () => {
    mirroring = await Mirroring.begin(aFile);
  });
  afterEach(() => mirroring.end());

  it('is of one log', async () => {
    const { log } = good();
    await (await mirroring.witness(log)).mayCosign(checkpointOf(log));
    const other = new GivenJournal('another.go.id/log');
    await expect(mirroring.witness(other)).rejects.toThrow(/mirrors the log sibolga/);
    const witness = await mirroring.witness(log);
    expect(await witness.mayCosign(checkpointOf(other, 0))).toContain('not looked into');
  });

  it('is read from a URL of HTTP without a password', async () => {
    for (const url of ['ftp://x', 'x', 'http://me:secret@x'])
      await expect(SemanticWitness.open(mirroring.database, { origin: 'x', url })).rejects.toThrow(TypeError);
  });
});
