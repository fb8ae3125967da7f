import { readFileSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { openWitnessState, Witness } from '@app/ledger';
import { newSkey, parsePolicy, parseSkey, type Signer, type Verifier, WITNESS_KEY } from '@app/proof';
import { type Bare, type Command, Usage } from './command.ts';
import { serveWitness } from './witness.http.ts';

const HOST = '127.0.0.1';
const PORT = '3080';

export const witness: Command = {
  name: 'witness',
  usage: 'witness serve --key FILE --logs FILE --state FILE   witness key NAME --out FILE',
  does: [
    'Saksi: ikut menandatangani catatan hanya bila ia sambungan dari yang terakhir ditandatangani.',
    'A witness: it cosigns a log only where it goes on from what it cosigned last.',
  ],
  options: {
    key: { type: 'string', means: 'file of the key of this witness; nobody else may read it' },
    logs: { type: 'string', means: 'file with a line "log <vkey> [url]" for each log, as in a policy' },
    state: { type: 'string', means: 'what it cosigned: a file of its own, or postgres://…' },
    host: { type: 'string', means: `address it listens on (${HOST})` },
    port: { type: 'string', means: `port it listens on (${PORT}); 0: any` },
    out: { type: 'string', means: 'with key: where the new key is written' },
  },
  runBare: (call) => {
    const [what, ...words] = call.words;
    if (what === 'serve' && words.length === 0) return serve(call);
    if (what === 'key') return makeKey(call, words);
    throw new Usage('it is: witness serve …, or: witness key NAME --out FILE');
  },
};

async function makeKey({ options, say }: Bare, [name, ...more]: string[]): Promise<number> {
  const out = options.out;
  if (name === undefined || more.length > 0 || typeof out !== 'string')
    throw new Usage('witness key NAME --out FILE');
  const skey = newSkey(name, WITNESS_KEY);
  try {
    await writeFile(out, `${skey}\n`, { mode: 0o600, flag: 'wx', flush: true });
  } catch (cause) {
    const exists = (cause as NodeJS.ErrnoException).code === 'EEXIST';
    throw exists
      ? new Error(`${out} sudah ada dan tidak ditimpa / is there already and is not written over`)
      : cause;
  }
  const { vkey } = parseSkey(skey).verifier;
  say.result({ vkey, file: out }, () => vkey);
  return 0;
}

async function serve({ options, say }: Bare): Promise<number> {
  const files = {
    key: needed(options, 'key'),
    logs: needed(options, 'logs'),
    state: needed(options, 'state'),
  };
  const at = { host: String(options.host ?? HOST), port: portOf(options.port ?? PORT) };
  const signer = signerIn(files.key);
  const logs = logsIn(files.logs);
  const stopped = signalled();
  const database = await openWitnessState(files.state);
  try {
    const one = new Witness({ database, signer, logs });
    const failed = (cause: unknown) =>
      say.remark(`Gagal / failed: ${cause instanceof Error ? cause.message : String(cause)}`);
    const listening = await serveWitness(
      {
        addCheckpoint: (body) => one.addCheckpoint(body),
        checkpoint: (originHash) => one.checkpoint(originHash),
      },
      at,
      failed,
    );
    const { vkey } = signer.verifier;
    say.result({ url: listening.url, vkey }, () =>
      [`Saksi di / witness at ${listening.url}`, vkey].join('\n'),
    );
    await stopped;
    await listening.stop();
    return 0;
  } finally {
    await database.close();
  }
}

const signalled = (): Promise<void> =>
  new Promise((done) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => done());
  });

function needed(options: Bare['options'], name: string): string {
  const value = options[name];
  if (typeof value !== 'string' || value === '') throw new Usage(`--${name} is needed`);
  return value;
}

function portOf(value: unknown): number {
  const text = String(value);
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new Usage('--port is a whole number from 0 to 65535');
  return Number(text);
}

/** The key in a file that its owner alone can read. What is in the file is never said. */
function signerIn(file: string): Signer {
  const others = statSync(file).mode & 0o077;
  if (others !== 0)
    throw new Error(
      `berkas kunci ${file} dapat dibuka orang lain; jalankan: chmod 600 ${file} / others can open the key file; run that command, and make a new key if it may have been read`,
    );
  return parseSkey(readFileSync(file, 'utf8').trim());
}

/** The logs of a policy file, or of one that lists nothing else. */
function logsIn(file: string): Verifier[] {
  const text = readFileSync(file, 'utf8');
  const isPolicy = /^[ \t]*quorum[ \t]/m.test(text);
  return parsePolicy(isPolicy ? text : `${text}\nquorum none\n`).logs.map(({ verifier }) => verifier);
}
