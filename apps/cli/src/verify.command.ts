import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  EvidenceStore,
  type LogFault,
  policyOf,
  policyText,
  type VerifyState,
  verifyAccess,
  verifyLog,
} from '@app/ledger';
import { type Command, Usage } from './command.ts';
import { believed, TRUST } from './verify-bundle.command.ts';

const STATE = 'verify.json';

export const verify: Command = {
  name: 'verify',
  usage: 'verify [--policy FILE | --log-key VKEY] [--checkpoint FILE] [--restart]',
  does: [
    'Periksa seluruh log: catatan asli, jurnal, pohon Merkle, checkpoint, tanda tangan saksi dan dokumen bukti. Dapat dihentikan dan dilanjutkan.',
    'Verify the whole log: store, journal, Merkle tree, checkpoints, cosignatures and documents. Can be stopped and gone on with.',
  ],
  evenBehind: true,
  options: {
    ...TRUST,
    checkpoint: { type: 'string', means: 'a checkpoint that you kept yourself; the log must go on from it' },
    restart: { type: 'boolean', means: 'begin anew, not where it was stopped' },
  },
  run: async ({ record, options, say, settings: { ledger }, dataDir, evidence }) => {
    const stop = new AbortController();
    process.once('SIGINT', () => stop.abort());
    const own = await policyOf(record.journal, policyText(ledger));
    const stateFile = join(dataDir, STATE);
    const from = options.restart ? undefined : stateIn(stateFile);
    const held = [options.checkpoint, ledger.signedFile].flatMap((file) =>
      typeof file === 'string' && (file === options.checkpoint || existsSync(file)) ? [readHeld(file)] : [],
    );
    const current = await record.checkpoints.current();
    const verdict = await verifyLog({
      store: record.store,
      journal: record.journal,
      tree: record.tree,
      checkpoints: record.checkpoints,
      documents: new EvidenceStore(evidence.directory),
      policy: believed(options) ?? own.policy,
      origin: current?.origin ?? '',
      held,
      signal: stop.signal,
      ...(from ? { from } : {}),
      progress: (state) => {
        say.remark(`${state.size} catatan / entries, ${state.documents.checked} dokumen / documents`);
        writeFileSync(stateFile, JSON.stringify(state), { mode: 0o600 });
      },
    });
    const access = stop.signal.aborted ? undefined : await verifyAccess(record);
    const stopped = stop.signal.aborted;
    if (!stopped) rmSync(stateFile, { force: true });
    const isSound = verdict.faults.length === 0 && !access;
    say.result({ ...verdict, access: access ?? null, stopped }, () =>
      [
        stopped ? 'Dihentikan; jalankan lagi untuk melanjutkan / stopped; run again to go on' : '',
        `${verdict.size} catatan / entries, ${verdict.checkpoints} checkpoint, ${verdict.documents} dokumen / documents; ${verdict.cosigned} disahkan menurut kebijakan / signed as the policy says`,
        ...verdict.faults.map(faultText),
        ...(access
          ? [
              `DIUBAH / TAMPERED access, entri / entry ${access.index}: catatan akses diubah / ${access.because}`,
            ]
          : []),
        ...(isSound && !stopped ? ['UTUH / SOUND'] : []),
      ]
        .filter(Boolean)
        .join('\n'),
    );
    return isSound && !stopped ? 0 : 1;
  },
};

/** Kinds of faults in Bahasa Indonesia. */
const KINDS: Readonly<Record<LogFault['kind'], string>> = {
  store: 'catatan asli dan jurnal berbeda',
  journal: 'jurnal berlubang',
  leaf: 'isi catatan diubah',
  revision: 'rangkaian catatan berlubang',
  time: 'waktu pencatatan mundur',
  tile: 'pohon Merkle diubah',
  signature: 'tanda tangan checkpoint tidak sah',
  quorum: 'saksi kurang',
  checkpoint: 'log bukan lagi yang ditandatangani',
  rollback: 'bagian akhir log hilang',
  evidence: 'dokumen bukti diubah atau hilang',
};

const faultText = ({ kind, index, because }: LogFault): string =>
  `DIUBAH / TAMPERED ${kind}, indeks / index ${index}: ${KINDS[kind]} / ${because}`;

function readHeld(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Usage(`${file} cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
}

/** Where a run was stopped; undefined: nowhere, or the file is not whole. */
function stateIn(file: string): VerifyState | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as VerifyState;
  } catch {
    return undefined;
  }
}
