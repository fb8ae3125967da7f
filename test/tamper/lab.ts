import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Asking, canonical, uuidv7 } from '@app/event-store';
import { Cosigners, openSealing, type Sealing, seal, sealedNow } from '@app/ledger';
import { type Policy, parsePolicy } from '@app/proof';
import { OpenRecord } from '@app/record';
import { DataSource } from 'typeorm';
import { Witnesses } from './witnesses.ts';

/** A record as it is before it is attacked, and what others keep of it elsewhere. */
export type Prepared = {
  readonly directory: string;
  readonly policyText: string;
  /** The checkpoint that an inspector kept, of the third seal. */
  readonly kept: string;
  /** All of a person, and one decision of theirs. */
  readonly bundle: Buffer;
  readonly small: Buffer;
  readonly subject: string;
  /** SHA-256 of the document behind the decision. */
  readonly document: string;
  /** The entry that says the document is kept. */
  readonly keptAt: number;
  /** The event that is attacked, an appraisal among what the second seal covers, and the next one of its stream. */
  readonly attacked: { readonly index: number; readonly next: number };
  /** The size at each seal. */
  readonly sizes: readonly number[];
  /** How many reads were entered, and how many of them were anchored. */
  readonly reads: { readonly anchored: number; readonly all: number };
};

export const ORIGIN = 'sibolga.example/jejak';

export const personStream = (subject: string): string => `civilServant-${subject}`;

/** Where the keys of a record in a directory are. */
export const ledgerIn = (directory: string) => ({
  key: { file: join(directory, 'ledger/log.key') },
  signedFile: join(directory, 'ledger/signed'),
  policyFile: join(directory, 'policy.txt'),
});

export const asking = (more: Partial<Asking> = {}): Asking => ({
  actor: '7d0c5b4e-0f7e-4d1d-9d59-2d9a3f6b1c01',
  role: 'bkpsdm',
  commandId: uuidv7(),
  correlationId: uuidv7(),
  askedAt: Date.now(),
  ...more,
});

/** An opened record with its witnesses. */
export type Opened = {
  readonly record: OpenRecord;
  readonly sealing: Sealing;
  readonly witnesses: Witnesses;
};

/** Opens the record of a directory and the witnesses of a policy, and closes them after. */
export async function opened<T>(
  directory: string,
  witnessed: string,
  work: (it: Opened) => Promise<T>,
): Promise<T> {
  const ledger = ledgerIn(directory);
  const record = await OpenRecord.open(directory, () => '2026-03-01');
  const policyText = readFileSync(ledger.policyFile, 'utf8');
  const witnesses = await Witnesses.open((name) => join(directory, name), witnessed, record);
  try {
    const cosigners = new Cosigners(parsePolicy(policyText), {
      fetch: witnesses.fetch,
      timeoutMs: 30_000,
    });
    const sealing = {
      ...(await openSealing(record, ledger, asking())),
      collect: cosigners.collect.bind(cosigners),
      now: () => new Date(Date.now()),
    };
    return await work({ record, sealing, witnesses });
  } finally {
    await witnesses.close();
    await record.close();
  }
}

/** A copy of the prepared record for one attack, and what its attacker may do: anything to its files and tables. */
export class Lab {
  readonly directory = mkdtempSync(join(tmpdir(), 'jejak-tamper-'));
  /** The bundle that a reader is given, and the checkpoint that an inspector kept elsewhere. */
  bundle: Buffer;
  kept: string;
  policyText: string;

  constructor(readonly prepared: Prepared) {
    cpSync(prepared.directory, this.directory, { recursive: true });
    this.bundle = prepared.bundle;
    this.kept = prepared.kept;
    this.policyText = prepared.policyText;
  }

  file(name: string): string {
    return join(this.directory, name);
  }

  /** The size that the nth seal covers, from 0. */
  sealed(n: number): number {
    return this.prepared.sizes[n] ?? 0;
  }

  /** The size of the whole log, as it was before the attack. */
  get size(): number {
    return this.sealed(this.prepared.sizes.length - 1);
  }

  get attacked() {
    return this.prepared.attacked;
  }

  /** What a reader elsewhere believes. */
  readonly policy = (): Policy => parsePolicy(this.prepared.policyText);

  open<T>(work: (it: Opened) => Promise<T>): Promise<T> {
    return opened(this.directory, this.prepared.policyText, work);
  }

  /**
   * Statements on the log itself, past its triggers; gives the rows of the last. `:index` is the event that is attacked,
   * `:at` its position.
   */
  log(...statements: string[]): Promise<Record<string, unknown>[]> {
    return inFile(
      this.file('events.db'),
      ['event_is_never_changed', 'event_is_never_removed'],
      this.#filled(statements),
    );
  }

  /** Statements on the database beside it, past its triggers. */
  database(...statements: string[]): Promise<Record<string, unknown>[]> {
    const triggers = ['UPDATE', 'DELETE', 'INSERT'].map((change) => `access_keeps_on_${change}`);
    return inFile(this.file('jejak.db'), triggers, this.#filled(statements));
  }

  /** Numbers and hashes the journal anew from the log as it is now, so that both agree. */
  async rebuildJournal(): Promise<void> {
    await this.database('DELETE FROM journal');
    await this.bare(({ journal }) => journal.fill());
  }

  /** The same with the tree. */
  async rebuildAll(): Promise<void> {
    await this.rebuildJournal();
    await this.rebuildTree();
  }

  async rebuildTree(): Promise<void> {
    await this.bare(async ({ tree }) => {
      await tree.clear();
      await tree.extend();
    });
  }

  /** Makes the signer forget what it signed. */
  forget(): void {
    rmSync(this.file('ledger/signed'));
  }

  /** Puts both databases back as they were in an old backup. */
  restoreBackup(): void {
    for (const name of ['events.db', 'jejak.db']) cpSync(join(this.file('backup'), name), this.file(name));
  }

  /** Seals as the product does; the checkpoint. */
  seal() {
    return this.open(({ sealing, record }) => record.journal.fill().then(() => sealedNow(sealing)));
  }

  /** Signs with the log's key and asks no witness; the note. */
  sealAlone(): Promise<string> {
    return this.open(async ({ sealing: { collect: _, ...alone }, record }) => {
      await record.journal.fill();
      return (await seal(alone)).checkpoint.note;
    });
  }

  /** Writes an event past every rule of the domain, at the end of a stream (a person's, unless told); its id. */
  async append(
    type: string,
    data: object,
    {
      stream = personStream(this.prepared.subject),
      ...metadata
    }: { stream?: string; evidence?: object } = {},
  ): Promise<string> {
    const id = uuidv7();
    const { askedAt: _, ...said } = asking();
    await this.bare(async ({ store }) => {
      const [last] = await store.read(stream, { backwards: true, limit: 1 });
      await store.append(stream, last?.revision ?? 'no-stream', [
        { id, type, data: canonical(data), metadata: canonical({ ...said, ...metadata }) },
      ]);
    });
    return id;
  }

  #filled(statements: readonly string[]): string[] {
    const { index } = this.attacked;
    return statements.map((one) => one.replace(/:index\b/g, `${index}`).replace(/:at\b/g, `${index + 1}`));
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }

  /** The record alone, without its keys and witnesses. */
  async bare<T>(work: (record: OpenRecord) => Promise<T>): Promise<T> {
    const record = await OpenRecord.open(this.directory, () => '2026-03-01');
    try {
      return await work(record);
    } finally {
      await record.close();
    }
  }
}

async function inFile(
  database: string,
  triggers: readonly string[],
  statements: readonly string[],
): Promise<Record<string, unknown>[]> {
  const source = await new DataSource({ type: 'better-sqlite3', database }).initialize();
  try {
    for (const trigger of triggers) await source.query(`DROP TRIGGER IF EXISTS ${trigger}`);
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) rows = await source.query(statement);
    return rows;
  } finally {
    await source.destroy();
  }
}
