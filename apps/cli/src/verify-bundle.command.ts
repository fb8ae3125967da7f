import { readFileSync } from 'node:fs';
import { type BundleVerdict, verifyBundle } from '@app/ledger';
import { type Policy, parsePolicy } from '@app/proof';
import { type Command, type Options, Usage } from './command.ts';

const EXIT: Readonly<Record<BundleVerdict['verdict'], number>> = { sound: 0, tampered: 1, undecided: 2 };
const SAID: Readonly<Record<BundleVerdict['verdict'], string>> = {
  sound: 'UTUH / SOUND',
  tampered: 'DIUBAH / TAMPERED',
  undecided: 'BELUM DAPAT DIPUTUSKAN / CANNOT DECIDE',
};

export const TRUST: Options = {
  policy: { type: 'string', means: 'file of the tlog-policy that you believe' },
  'log-key': { type: 'string', means: 'verifier key of the log that you believe, without witnesses' },
};

export const verifyBundleCommand: Command = {
  name: 'verify-bundle',
  usage: 'verify-bundle FILE.zip [--policy FILE | --log-key VKEY]',
  does: [
    'Periksa bundel bukti, tanpa jaringan dan tanpa basis data. Kode keluar: 0 utuh, 1 diubah, 2 belum dapat diputuskan.',
    'Verify an evidence bundle, without a network or a database. Exit code: 0 sound, 1 tampered, 2 cannot decide.',
  ],
  options: TRUST,
  runBare: async ({ words, options, say }) => {
    const [file] = words;
    if (file === undefined || words.length > 1) throw new Usage('one bundle is needed');
    const policy = believed(options);
    const verdict = verifyBundle(read(file), policy);
    say.result(verdict, () => textOf(verdict));
    return EXIT[verdict.verdict];
  },
};

/** The policy that the reader says to believe; undefined: none. */
export function believed(
  options: Readonly<Record<string, string | boolean | undefined>>,
): Policy | undefined {
  const { policy, 'log-key': key } = options;
  if (typeof policy === 'string' && typeof key === 'string') throw new Usage('either --policy or --log-key');
  if (typeof policy === 'string') return parsePolicy(read(policy).toString());
  return typeof key === 'string' ? parsePolicy(`log ${key}\nquorum none\n`) : undefined;
}

/** A file of the asker's; one that cannot be read is a question not understood (exit 2). */
function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new Usage(`${file} cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
}

function textOf({
  verdict,
  reason,
  index,
  file,
  words,
  origin,
  size,
  asOf,
  complete,
  entries,
  missing,
  keys,
}: BundleVerdict) {
  const where = [index === null ? [] : `indeks / index ${index}`, file ?? []].flat().join(', ');
  return [
    SAID[verdict],
    words.id,
    words.en,
    ...(reason === null ? [] : [`alasan / reason: ${reason}${where && ` (${where})`}`]),
    ...(origin === null
      ? []
      : [`log: ${origin}, ${size ?? '?'} catatan / entries; kunci / keys: ${keys.join(', ') || '–'}`]),
    ...(complete
      ? [`LENGKAP sampai ${asOf} / COMPLETE as of size ${asOf}: ${entries} catatan / entries`]
      : []),
    ...(complete === false ? [`SEBAGIAN / PARTIAL: ${entries} catatan / entries`] : []),
    ...missing.map(({ what, why }) => `tidak disertakan / missing: ${what} (${why})`),
  ].join('\n');
}
