import { type Answer, formatAddCheckpoint, openWitnessState, SemanticWitness, Witness } from '@app/ledger';
import {
  entryBundle,
  type Hash,
  parseCheckpoint,
  parseNote,
  parsePolicy,
  parseTilePath,
  type Signer,
  signerOf,
  WITNESS_KEY,
} from '@app/proof';
import type { OpenRecord } from '@app/record';

/** Two witnesses elsewhere: one that compares checkpoints, and one that reads every entry. */
export type WitnessName = 'insp' | 'bkn';

const SIGNERS: Readonly<Record<WitnessName, Signer>> = {
  insp: signerOf('inspektorat.example', WITNESS_KEY, Buffer.alloc(32, 7), () => Date.now()),
  bkn: signerOf('bkn.example', WITNESS_KEY, Buffer.alloc(32, 8), () => Date.now()),
};

export const policyWith = (logVkey: string): string =>
  [
    `log ${logVkey}`,
    ...Object.entries(SIGNERS).map(
      ([name, { verifier }]) => `witness ${name} ${verifier.vkey} http://${name}.example`,
    ),
    'group saksi any insp bkn',
    'quorum saksi',
    '',
  ].join('\n');

/** The witnesses as a record meets them: they remember in files of their own, and read it as it is now. */
export class Witnesses {
  private constructor(
    private readonly witnesses: Readonly<Record<WitnessName, Witness>>,
    readonly close: () => Promise<void>,
  ) {}

  static async open(
    fileOf: (name: string) => string,
    policyText: string,
    record: OpenRecord,
  ): Promise<Witnesses> {
    const logs = parsePolicy(policyText).logs.map(({ verifier }) => verifier);
    const [insp, bkn] = [
      await openWitnessState(fileOf('witness-insp.db')),
      await openWitnessState(fileOf('witness-bkn.db')),
    ];
    const semantic = await SemanticWitness.open(bkn, {
      origin: logs[0]?.name ?? '',
      url: 'http://log.example',
      clock: () => Date.now(),
      fetch: servedBy(record),
    });
    const witnesses = {
      insp: new Witness({ database: insp, signer: SIGNERS.insp, logs }),
      bkn: new Witness({ database: bkn, signer: SIGNERS.bkn, logs, mayCosign: semantic.mayCosign }),
    };
    return new Witnesses(witnesses, async () => {
      await insp.close();
      await bkn.close();
    });
  }

  /** Answers `Cosigners`, by the host of the URL. */
  readonly fetch: typeof fetch = async (url, init) => {
    const name = new URL(String(url)).hostname.split('.')[0] as WitnessName;
    const { status, headers, body } = await this.witnesses[name].addCheckpoint(
      Buffer.from(init?.body as string),
    );
    return new Response(body, { status, ...(headers ? { headers } : {}) });
  };

  /** Shows a checkpoint as well as its log can: after a 409 once more, from the size that the witness has. */
  async show(
    name: WitnessName,
    note: string,
    prove: (from: bigint, size: bigint) => Promise<Hash[]>,
  ): Promise<Answer> {
    const { size } = parseCheckpoint(parseNote(note).text);
    const ask = (old: bigint, proof: Hash[]) =>
      this.witnesses[name].addCheckpoint(Buffer.from(formatAddCheckpoint(old, proof, note)));
    const first = await ask(0n, []);
    const has = first.status === 409 ? BigInt(first.body.trim()) : 0n;
    if (has === 0n || has > size) return first;
    return ask(has, has === size ? [] : await prove(has, size));
  }
}

/** The tiles of a record, as its server gives them. */
const servedBy =
  (record: OpenRecord): typeof fetch =>
  async (url) => {
    const bytes = await tileOf(record, new URL(String(url)).pathname.slice(1));
    return new Response(bytes && new Uint8Array(bytes), { status: bytes ? 200 : 404 });
  };

async function tileOf({ journal, tree }: OpenRecord, path: string): Promise<Buffer | undefined> {
  const tile = parseTilePath(path);
  if (!tile) return undefined;
  const { level, index, width } = tile;
  if (level !== 'entries') return tree.tile(level, index, width);
  const rows = await journal.rows(Number(index) * 256, width);
  return rows.length < width ? undefined : entryBundle(rows.map(({ leaf }) => leaf));
}
