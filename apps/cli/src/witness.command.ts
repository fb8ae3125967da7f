import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { openWitnessState, SemanticWitness, Witness } from '@app/ledger';
import { newSkey, type Policy, parsePolicy, parseSkey, type Signer, WITNESS_KEY } from '@app/proof';
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
    semantic: { type: 'boolean', means: 'read every entry first, and cosign only what keeps the rules' },
    'log-url': { type: 'string', means: 'with --semantic: where the tiles of the log are' },
    'log-token-file': { type: 'string', means: 'with --semantic: file of the token that reads them' },
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
  const looksInto = semanticIn(options);
  const signer = signerIn(files.key);
  const logs = logsIn(files.logs);
  const entries = looksInto && entriesOf(logs, looksInto);
  const stop = stopping();
  const database = await openWitnessState(files.state);
  try {
    const semantic = entries && (await SemanticWitness.open(database, { ...entries, signal: stop }));
    const verifiers = logs.map(({ verifier }) => verifier);
    const one = new Witness({
      database,
      signer,
      logs: verifiers,
      ...(semantic && { mayCosign: semantic.mayCosign }),
    });
    const listening = await serveWitness(
      {
        addCheckpoint: (body) => one.addCheckpoint(body),
        checkpoint: (originHash) => one.checkpoint(originHash),
        ...(semantic && { findings: () => semantic.findings() }),
      },
      at,
      (cause) => say.remark(`Gagal / failed: ${cause instanceof Error ? cause.message : String(cause)}`),
    );
    const { vkey } = signer.verifier;
    say.result({ url: listening.url, vkey }, () =>
      [`Saksi di / witness at ${listening.url}`, vkey].join('\n'),
    );
    await (stop.aborted || once(stop, 'abort'));
    await listening.stop();
    return 0;
  } finally {
    await database.close();
  }
}

/** Aborts when the process is told to stop. */
function stopping(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  return stop.signal;
}

type LooksInto = { readonly url?: string; readonly tokenFile?: string };

/** Where the entries are read that a semantic witness looks into; undefined: it looks into none. */
function semanticIn(options: Bare['options']): LooksInto | undefined {
  const { semantic, 'log-url': url, 'log-token-file': tokenFile } = options;
  if (!semantic) {
    if (url !== undefined || tokenFile !== undefined)
      throw new Usage('--log-url and --log-token-file are of a witness with --semantic');
    return undefined;
  }
  return {
    ...(typeof url === 'string' ? { url } : {}),
    ...(typeof tokenFile === 'string' ? { tokenFile } : {}),
  };
}

function entriesOf(logs: Policy['logs'], { url: asked, tokenFile }: LooksInto) {
  const [origin, ...more] = new Set(logs.map(({ verifier }) => verifier.name));
  const url = asked ?? logs.find((log) => log.url !== undefined)?.url;
  if (origin === undefined || more.length > 0)
    throw new Usage('--semantic looks into one log; --logs names another number of them');
  if (url === undefined) throw new Usage('--log-url is needed, or the URL in the line of the log');
  return { origin, url, ...(tokenFile === undefined ? {} : { token: tokenIn(tokenFile) }) };
}

function tokenIn(file: string): string {
  const token = readFileSync(file, 'utf8').trim();
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new Error(`tidak ada token di ${file} / there is no bearer token in the file`);
  return token;
}

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
function logsIn(file: string): Policy['logs'] {
  const text = readFileSync(file, 'utf8');
  const isPolicy = /^[ \t]*quorum[ \t]/m.test(text);
  return parsePolicy(isPolicy ? text : `${text}\nquorum none\n`).logs;
}
