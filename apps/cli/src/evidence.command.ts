import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { isRefusal } from '@app/domain/event';
import { documentOf, EvidenceStore, keepDocument, MEDIA_TYPES } from '@app/ledger';
import { type Call, type Command, Usage } from './command.ts';
import { noted, PURPOSE, purposeOf } from './noted.ts';
import { askingHere } from './operator.ts';

export const evidence: Command = {
  name: 'evidence',
  usage: 'evidence put FILE --type T   evidence get SHA256 --out FILE --purpose TEXT',
  does: [
    'Simpan dokumen (SK, BAP, sertifikat) menurut isinya, atau ambil kembali.',
    'Keep a document by its content, or get it back.',
  ],
  options: {
    type: { type: 'string', means: MEDIA_TYPES.join(' | ') },
    out: { type: 'string', means: 'a file that is not there yet' },
    ...PURPOSE,
  },
  run: async (call) => {
    const [what, name, ...more] = call.words;
    const way = { put, get }[String(what)];
    if (!way || name === undefined || more.length > 0)
      throw new Usage('evidence takes put and a file, or get and a SHA-256');
    return way(call, name);
  },
};

async function put({ record, options, evidence: where, say }: Call, file: string): Promise<number> {
  const { type } = options;
  if (typeof type !== 'string' || !MEDIA_TYPES.includes(type))
    throw new Usage(`--type is one of ${MEDIA_TYPES.join(', ')}`);
  const { directory, maxBytes } = where;
  const documents = new EvidenceStore(directory);
  const asking = await askingHere(record);
  const kept = await keepDocument(record, documents, asking, createReadStream(file), {
    mediaType: type,
    maxBytes,
  });
  if (isRefusal(kept)) {
    say.remark(`Ditolak / refused: ${kept.because} (${kept.refused})`);
    return 1;
  }
  say.result(kept, () => `${kept.sha256}  ${kept.size}  ${kept.mediaType}`);
  return 0;
}

async function get(call: Call, sha256: string): Promise<number> {
  const { record, options, evidence: where, say } = call;
  const { out } = options;
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Usage('a SHA-256 is 64 hexadecimal digits in lower case');
  if (typeof out !== 'string') throw new Usage('--out FILE is needed');
  purposeOf(call);
  const store = new EvidenceStore(where.directory);
  const { kept, erasedBy } = await documentOf(record.store, sha256);
  await noted(call, kept ? `evidence get ${sha256}` : 'evidence get', null);
  const missing = kept ? await faultOf(store, sha256, erasedBy) : 'tidak pernah disimpan / was never kept';
  const content = missing === undefined ? await store.read(sha256) : undefined;
  if (!content) {
    say.remark(`${sha256} ${missing}`);
    return 1;
  }
  const file = await open(out, 'wx', 0o600);
  await pipeline(content, file.createWriteStream());
  say.result({ ...kept, out }, () => `${out}  ${kept?.mediaType}`);
  return 0;
}

/** Why a document cannot be given out that was kept once; undefined: it can. */
async function faultOf(store: EvidenceStore, sha256: string, erasedBy?: string): Promise<string | undefined> {
  if (erasedBy !== undefined) return `dimusnahkan oleh keputusan / was destroyed by the decision ${erasedBy}`;
  const isWhole = await store.verify(sha256);
  if (isWhole === undefined) return 'tidak ada di EVIDENCE_DIR / is not in EVIDENCE_DIR';
  return isWhole ? undefined : 'isinya telah berubah / is no longer what was kept';
}
