import { cut } from './base64.ts';
import { isKeyName, type Signer, type Verifier } from './keys.ts';
import { Malformed } from './malformed.ts';

/** A signature line of a note: `— name base64(id || signature)`. */
export type SignatureLine = {
  readonly name: string;
  /** 8 hex digits. */
  readonly id: string;
  readonly signature: Buffer;
  /** The line as it stands, with its end. */
  readonly line: string;
};

/** A signed note (C2SP signed-note): a text that ends its last line, and who signed it. */
export type Note = { readonly text: string; readonly signatures: readonly SignatureLine[] };

/** A signature line stands as one must, but the bytes of its signature cannot be read. */
export class UnreadableSignature extends Malformed {}

const MOST_SIGNATURES = 100;
const MOST_BYTES = 1_000_000;
const ID_BYTES = 4;

/** Reads a note, without checking any signature. Throws `Malformed`. */
export function parseNote(note: string | Uint8Array): Note {
  const whole = typeof note === 'string' ? note : utf8(note);
  if (Buffer.byteLength(whole) > MOST_BYTES)
    throw new Malformed(`the note is longer than ${MOST_BYTES} bytes`);
  const control = /[^\n -\u{10ffff}]|\p{Surrogate}/u.exec(whole);
  if (control) throw new Malformed(`the note has a character at ${control.index} that no note has`);
  const end = whole.lastIndexOf('\n\n');
  if (end < 0 || !whole.endsWith('\n')) throw new Malformed('the note has no signatures after an empty line');
  const lines = whole.slice(end + 2, -1).split('\n');
  if (lines.length > MOST_SIGNATURES)
    throw new Malformed(`the note has more than ${MOST_SIGNATURES} signatures`);
  return { text: whole.slice(0, end + 1), signatures: lines.map(parseLine) };
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Malformed('the note is not UTF-8');
  }
}

function parseLine(line: string): SignatureLine {
  const [, name = '', text = ''] = /^— ([^ ]+) ([^ ]+)$/.exec(line) ?? [];
  if (!isKeyName(name)) throw new Malformed(`${cut(line)} is not a signature line`);
  const bytes = signatureBytes(name, text);
  return {
    name,
    id: bytes.toString('hex', 0, ID_BYTES),
    signature: bytes.subarray(ID_BYTES),
    line: `${line}\n`,
  };
}

function signatureBytes(name: string, text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text)
    throw new UnreadableSignature(`the signature of ${name} is not canonical base64: ${cut(text)}`);
  if (bytes.length <= ID_BYTES) throw new UnreadableSignature(`the signature of ${name} is too short`);
  return bytes;
}

/** The line of a signature. */
export function signatureLine({ name, id, sign }: Signer, text: string): string {
  const bytes = Buffer.concat([Buffer.from(id, 'hex'), sign(text)]);
  return `— ${name} ${bytes.toString('base64')}\n`;
}

/** Signs a text, whose last line is ended; the lines of others may follow. */
export function signNote(text: string, signers: readonly Signer[], others: readonly string[] = []): string {
  if (!text.endsWith('\n')) throw new Malformed('the text of a note ends its last line');
  return `${text}\n${signers.map((signer) => signatureLine(signer, text)).join('')}${others.join('')}`;
}

/** A signature that was checked, and by whose key. */
export type Verified = { readonly verifier: Verifier; readonly signature: Buffer };

/**
 * The signatures of known keys, checked; unknown ones are passed over. Throws `Malformed` where one of a known key is
 * wrong, or a key signed twice.
 */
export function verifiedBy({ text, signatures }: Note, verifiers: readonly Verifier[]): Verified[] {
  const verified: Verified[] = [];
  for (const { name, id, signature } of signatures) {
    const verifier = verifiers.find((one) => one.name === name && one.id === id);
    if (!verifier) continue;
    if (verified.some((one) => one.verifier === verifier)) throw new Malformed(`${name}+${id} signed twice`);
    if (!verifier.isBy(text, signature)) throw new Malformed(`the signature of ${name}+${id} is wrong`);
    verified.push({ verifier, signature });
  }
  return verified;
}
