import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Comparing,
  EvidenceStore,
  LogSigner,
  makeKeyFile,
  type Sealing,
  sealedNow,
  verifyLog,
} from '@app/ledger';
import { parsePolicy } from '@app/proof';
import { OpenRecord } from '@app/record';
import pg from 'pg';
import type { Place } from '../engines/postgres.ts';
import { ORIGIN } from './lab.ts';
import { bring } from './prepare.ts';

/** A record on a PostgreSQL server, attacked by somebody who owns its tables. */
class ServedRecord {
  readonly #directory = mkdtempSync(join(tmpdir(), 'jejak-tamper-'));
  #kept = '';
  /** The size at the first seal, and an event that the second covers. */
  first = 0;
  index = 0;

  private constructor(
    private readonly where: string,
    private readonly record: OpenRecord,
  ) {}

  /** Imported in two stages, sealed after each; the last checkpoint is kept elsewhere. */
  static async open({ where }: Place): Promise<ServedRecord> {
    const record = await OpenRecord.open({ log: where, database: where }, () => '2026-03-01');
    const served = new ServedRecord(where, record);
    makeKeyFile(ORIGIN, served.#file('log.key'));
    served.first = (await served.#stage('asn-export.csv', 'ref-unor.json')).size;
    served.#kept = (await served.#stage('pull-2026-01-31')).note;
    const [row] = await record.database.read<{ index: number }>(
      `SELECT idx AS "index" FROM journal WHERE leaf LIKE '%"predikat":"baik"%' AND idx >= ? ORDER BY idx LIMIT 1`,
      [served.first],
    );
    served.index = row?.index ?? 0;
    return served;
  }

  async close(): Promise<void> {
    await this.record.close();
    rmSync(this.#directory, { recursive: true });
  }

  /** Statements past the triggers. `:at` is the position of the event, `:first` of the first after the first seal. */
  async tamper(...statements: string[]): Promise<void> {
    const client = new pg.Client({ connectionString: this.where });
    await client.connect();
    try {
      for (const table of ['event', 'stream', 'head'])
        await client.query(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
      const at = (index: number) => `(SELECT position FROM event ORDER BY position OFFSET ${index} LIMIT 1)`;
      for (const one of statements)
        await client.query(one.replaceAll(':at', at(this.index)).replaceAll(':first', at(this.first)));
    } finally {
      await client.end();
    }
  }

  async rebuildAll(): Promise<void> {
    await this.tamper('DELETE FROM journal');
    await this.record.journal.fill();
    await this.record.tree.clear();
    await this.record.tree.extend();
  }

  /** The first fault; with the checkpoint that was kept elsewhere, where it is `held`. */
  async verify({ held = false } = {}): Promise<string> {
    const { store, journal, tree, checkpoints } = this.record;
    const { policy } = this.#sealing();
    const documents = new EvidenceStore(this.#file('evidence'));
    const comparing: Comparing = { store, journal, tree, checkpoints, documents, policy, origin: ORIGIN };
    const { faults } = await verifyLog({ ...comparing, held: held ? [this.#kept] : [] });
    return faults[0] ? `${faults[0].kind} ${faults[0].index}` : 'nothing';
  }

  #file(name: string): string {
    return join(this.#directory, name);
  }

  async #stage(...files: string[]) {
    await bring(this.record, files);
    await this.record.catchUp();
    return sealedNow(this.#sealing());
  }

  #sealing(): Sealing {
    const { database, tree, checkpoints } = this.record;
    const signer = LogSigner.open({ file: this.#file('log.key') }, this.#file('signed'));
    const policy = parsePolicy(
      `${signer.verifiers.map(({ vkey }) => `log ${vkey}\n`).join('')}quorum none\n`,
    );
    return { database, tree, checkpoints, signer, policy };
  }
}

/** What was said after each step of an attack, and what must be said. */
type Said = { readonly said: readonly string[]; readonly must: readonly string[] };

/** The main attacks, on PostgreSQL. */
export const ON_POSTGRES: Readonly<Record<string, (record: ServedRecord) => Promise<Said>>> = {
  edit: async (record) => {
    await record.tamper(
      `UPDATE event SET data = replace(data, '"predikat":"baik"', '"predikat":"kurang"') WHERE position = :at`,
    );
    const inLog = await record.verify();
    await record.rebuildAll();
    return {
      said: [inLog, await record.verify()],
      must: [`store ${record.index}`, `checkpoint ${record.first}`],
    };
  },
  delete: async (record) => {
    await record.tamper('DELETE FROM event WHERE position = :at');
    return { said: [await record.verify()], must: [`store ${record.index}`] };
  },
  'cut-tail': async (record) => {
    await record.tamper(
      'DELETE FROM event WHERE position >= :first',
      `DELETE FROM signed_checkpoint WHERE size > ${record.first}`,
    );
    await record.rebuildAll();
    return {
      said: [await record.verify(), await record.verify({ held: true })],
      must: ['nothing', `rollback ${record.first}`],
    };
  },
};

/** Lets an attack happen to a record of its own at a place, which is removed. */
export async function triedOnPostgres(name: string, place: Place): Promise<Said> {
  const attack = ON_POSTGRES[name];
  if (!attack) throw new RangeError(`there is no attack ${name}`);
  const record = await ServedRecord.open(place);
  try {
    return await attack(record);
  } finally {
    await record.close();
    await place.remove();
  }
}
