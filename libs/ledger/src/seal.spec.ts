import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from '@app/journal';
import {
  type Hash,
  leafHash,
  parsePolicy,
  parseSkey,
  rootOf,
  signatureLine,
  signerOf,
  trust,
  WITNESS_KEY,
} from '@app/proof';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Checkpoints, SignedCheckpoint } from './checkpoints.ts';
import { CreateLedger1764000000005 } from './migrations.ts';
import { type Collect, type Sealing, seal } from './seal.ts';
import { LogSigner, makeKeyFile, SignerRefuses } from './signer.ts';
import { TileRow, Tree, TreeSize } from './tree.ts';

const ORIGIN = 'sibolga.example/log';
const WITNESS = signerOf('inspektorat.example', WITNESS_KEY, Buffer.alloc(32, 7), () => 1_767_225_600_000);

describe('the sealer', () => {
  let directory: string;
  let keyFile: string;
  let signedFile: string;
  let database: Database;
  let leaves: Hash[];
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'jejak-seal-'));
    keyFile = join(directory, 'keys/log.key');
    signedFile = join(directory, 'keys/signed');
    makeKeyFile(ORIGIN, keyFile);
    leaves = [];
    database = await openDatabase('jejak.db');
  });
  afterEach(async () => {
    await database.close();
    rmSync(directory, { recursive: true });
  });

  const openDatabase = (name: string) =>
    Database.open(join(directory, name), {
      entities: [TreeSize, TileRow, SignedCheckpoint],
      migrations: [CreateLedger1764000000005],
    });
  const signer = () => LogSigner.open({ file: keyFile }, signedFile);
  const vkey = () => parseSkey(readFileSync(keyFile, 'utf8').split('\n')[0] ?? '').verifier.vkey;
  const sealing = (quorum = 'none', more: Partial<Sealing> = {}): Sealing => ({
    database,
    tree: new Tree(database, 'journal', async (from, limit) =>
      leaves.slice(from, from + limit).map((hash) => hash.toString('base64')),
    ),
    checkpoints: new Checkpoints(database),
    signer: signer(),
    policy: parsePolicy(`log ${vkey()}\nwitness insp ${WITNESS.verifier.vkey}\nquorum ${quorum}\n`),
    now: () => new Date('2026-01-31T00:00:00Z'),
    ...more,
  });
  const add = (count: number) => {
    for (let n = 0; n < count; n++) leaves.push(leafHash(`leaf ${leaves.length}`));
  };
  const cosign: Collect = async (note) => ({
    lines: [signatureLine(WITNESS, note.slice(0, note.indexOf('\n\n') + 1))],
    failed: [],
  });

  it('signs the size and the root of the log, and nothing where nothing is new', async () => {
    add(300);
    const { checkpoint } = await seal(sealing());
    expect(trust(checkpoint.note, sealing().policy)).toMatchObject({
      origin: ORIGIN,
      size: 300n,
      root: rootOf(leaves),
    });
    const again = await seal(sealing('none', { now: () => new Date('2026-02-01T00:00:00Z') }));
    expect(again.checkpoint).toEqual(checkpoint);
    expect(checkpoint).toMatchObject({ size: 300, quorum: 1, signedAt: '2026-01-31T00:00:00.000Z' });
  });

  it('publishes a checkpoint once the quorum of witnesses cosigned it, and asks again until then', async () => {
    add(3);
    const silent: Collect = async () => ({ lines: [], failed: [{ name: 'insp', because: 'no answer' }] });
    const without = await seal(sealing('insp', { collect: silent }));
    expect(without.failed).toEqual([{ name: 'insp', because: 'no answer' }]);
    expect(await new Checkpoints(database).newest(ORIGIN)).toBeUndefined();
    const { checkpoint } = await seal(sealing('insp', { collect: cosign }));
    expect(await new Checkpoints(database).newest(ORIGIN)).toEqual(checkpoint);
    const trusted = trust(checkpoint.note, sealing('insp').policy);
    expect(trusted).toMatchObject({ size: 3n, cosigned: new Map([['insp', 1_767_225_600]]) });
    const again = await seal(sealing('insp', { collect: cosign }));
    expect(again.checkpoint).toEqual(checkpoint);
  });

  it('takes no line for a cosignature that is none', async () => {
    add(3);
    const lying: Collect = async () => ({ lines: [signatureLine(WITNESS, 'another text\n')], failed: [] });
    await expect(seal(sealing('insp', { collect: lying }))).rejects.toThrow(/signature .* is wrong/);
    expect(await new Checkpoints(database).newest(ORIGIN)).toBeUndefined();
  });

  it('refuses a log that went back, whatever the database says', async () => {
    add(300);
    await seal(sealing());
    await database.close();
    database = await openDatabase('restored.db');
    leaves.length = 200;
    await expect(seal(sealing())).rejects.toThrow(SignerRefuses);
    await expect(seal(sealing())).rejects.toThrow(/200 entries, but 300 were signed/);
    add(150);
    expect((await seal(sealing())).checkpoint.size).toBe(350);
  });

  it('refuses a log whose past was changed', async () => {
    add(300);
    await seal(sealing());
    leaves[17] = leafHash('another decision');
    add(10);
    await database.close();
    database = await openDatabase('rebuilt.db');
    await expect(seal(sealing())).rejects.toThrow(/310 entries does not go on from the one of 300/);
  });

  it('refuses a log of the same size that is another', async () => {
    add(300);
    await seal(sealing());
    leaves[299] = leafHash('another decision');
    await database.close();
    database = await openDatabase('rebuilt.db');
    await expect(seal(sealing())).rejects.toThrow(SignerRefuses);
  });

  it('refuses a log that is as it was when an earlier checkpoint was signed: an old backup with all in it', async () => {
    add(200);
    await seal(sealing());
    await database.close();
    copyFileSync(join(directory, 'jejak.db'), join(directory, 'backup.db'));
    database = await openDatabase('jejak.db');
    add(100);
    await seal(sealing());
    await database.close();
    database = await openDatabase('backup.db');
    leaves.length = 200;
    await expect(seal(sealing())).rejects.toThrow(/200 entries, but 300 were signed/);
  });

  it('refuses another log also where what it signed last was lost, by what the database has', async () => {
    add(200);
    await seal(sealing());
    rmSync(signedFile);
    await database.write((sql) =>
      sql('UPDATE tile SET hashes = REPLACE(hashes, SUBSTR(hashes, 1, 44), SUBSTR(hashes, 45, 44))'),
    );
    add(1);
    await expect(seal(sealing())).rejects.toThrow(/does not go on from the one of 200/);
  });

  it('refuses a log that went back to a size that it signed once, though the database has that checkpoint', async () => {
    add(200);
    const once = await seal(sealing());
    add(100);
    await seal(sealing());
    leaves.length = 200;
    await sealing().tree.clear();
    await new Checkpoints(database).save(once.checkpoint);
    await database.write((sql) => sql('DELETE FROM signed_checkpoint WHERE size > 200'));
    await expect(seal(sealing())).rejects.toThrow(/200 entries, but 300 were signed/);
  });

  it('refuses a log that was changed behind its newest checkpoint, though nothing is new', async () => {
    add(300);
    await seal(sealing());
    leaves[17] = leafHash('another decision');
    await sealing().tree.clear();
    await expect(seal(sealing())).rejects.toThrow(/300 entries does not go on from the one of 300/);
    rmSync(signedFile);
    await expect(seal(sealing())).rejects.toThrow(/300 entries does not go on from the one of 300/);
  });

  it('goes on after it was killed between its signature and the database', async () => {
    add(10);
    await signer().sign({ size: 10n, root: rootOf(leaves) }, async () => []);
    expect((await seal(sealing())).checkpoint.size).toBe(10);
  });

  it('refuses what it did not sign itself in the place of what it signed last', async () => {
    add(3);
    await seal(sealing());
    const other = join(directory, 'other');
    makeKeyFile('another.example/log', join(other, 'log.key'));
    await LogSigner.open({ file: join(other, 'log.key') }, join(other, 'signed')).sign(
      { size: 1n, root: leafHash('x') },
      async () => [],
    );
    copyFileSync(join(other, 'signed'), signedFile);
    add(1);
    await expect(seal(sealing())).rejects.toThrow(/is not a checkpoint that this log signed/);
    writeFileSync(signedFile, '');
    await expect(seal(sealing())).rejects.toThrow(SignerRefuses);
  });

  it('signs with every key of its file, so that a key can be changed without a break', async () => {
    add(3);
    makeKeyFile(ORIGIN, `${keyFile}.2`);
    const old = readFileSync(keyFile, 'utf8');
    const fresh = readFileSync(`${keyFile}.2`, 'utf8');
    writeFileSync(keyFile, old + fresh);
    const { note } = (await seal(sealing('none', { policy: parsePolicy('quorum none') }))).checkpoint;
    for (const key of [old, fresh]) {
      const policy = parsePolicy(`log ${parseSkey(key.trim()).verifier.vkey}\nquorum none\n`);
      expect(trust(note, policy)).toMatchObject({ size: 3n });
    }
  });

  it('refuses a key that others may read, and never says it', () => {
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    chmodSync(keyFile, 0o640);
    expect(signer).toThrow(/mode 640.*chmod 600/);
    expect(() => makeKeyFile(ORIGIN, keyFile)).toThrow(/EEXIST/);
    const broken = `PRIVATE+KEY+${ORIGIN}+00000000+${'A'.repeat(44)}`;
    expect(() => LogSigner.open({ text: broken }, signedFile)).toThrow();
    try {
      LogSigner.open({ text: broken }, signedFile);
    } catch (cause) {
      expect((cause as Error).message).not.toContain('AAAA');
    }
  });
});
