import { bundleOf, filesOf } from './bundle.ts';
import { decisionPlan, POLICY, plan } from './make.ts';
import { copy, drop, edit, otherHash, type Spoiled, spoils } from './spoiled.ts';
import { zipOf } from './zip.ts';

const zip = (what: string, bundle: Buffer): Spoiled => ({
  reason: 'zip',
  what,
  index: null,
  file: null,
  bundle,
  policy: POLICY,
});

/** The sound bundle with a byte changed, by its offset in the last record of that kind, or in the first. */
function patched(signature: number, offset: number): Buffer {
  const bytes = bundleOf(plan());
  const at = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, signature, signature + 1]));
  bytes.writeUInt8((bytes[at + offset] ?? 0) ^ 1, at + offset);
  return bytes;
}

const names = () => [...filesOf(plan()).keys()].sort();
const ZIPS: Spoiled[] = [
  zip('nothing at all', Buffer.alloc(0)),
  zip('its second half alone', bundleOf(plan()).subarray(4_000)),
  zip('bytes before it', Buffer.concat([Buffer.from('#!'), bundleOf(plan())])),
  zip('bytes after it', Buffer.concat([bundleOf(plan()), Buffer.from('\n')])),
  zip('two files in another order', zipOf(filesOf(plan()), names().reverse())),
  zip('a file twice', zipOf(filesOf(plan()), [...names(), 'policy.txt'].sort())),
  zip('a name that is not ASCII', zipOf(filesOf(plan()).set('b\xe9', Buffer.alloc(0)))),
  ...[4, 6, 8, 10, 12, 14, 18, 22, 28].map((at) => zip(`byte ${at} of a local header`, patched(3, at))),
  ...[4, 6, 8, 10, 12, 14, 16, 20, 24, 30, 32, 34, 36, 38, 42].map((at) =>
    zip(`byte ${at} of the directory`, patched(1, at)),
  ),
  ...[4, 6, 8, 10, 12, 16, 20].map((at) => zip(`byte ${at} of the end`, patched(5, at))),
];

const manifest = spoils('manifest');
const inManifest = (what: string, change: (text: string) => string) =>
  manifest(what, { file: 'MANIFEST.json' }, () => ({
    spelled: (bytes) => Buffer.from(change(bytes.toString())),
  }));
const SIX = [
  'MANIFEST.json',
  'ISSUE.leaf.json',
  'ISSUE.tlog-proof',
  'ISSUE.consistency',
  'checkpoint.txt',
  'policy.txt',
];

const MANIFESTS: Spoiled[] = [
  inManifest('is not JSON', (text) => text.slice(1)),
  manifest('is not UTF-8', { file: 'MANIFEST.json' }, () => ({
    spelled: (bytes) => Buffer.concat([bytes, Buffer.of(0xff)]),
  })),
  inManifest('has white space', (text) => text.replace(',', ', ')),
  inManifest('ends with a line', (text) => `${text}\n`),
  inManifest('has a key twice', (text) => text.replace('{', '{"asOf":1,')),
  inManifest('has its keys in another order', (text) => {
    const { asOf, ...rest } = JSON.parse(text) as { asOf: number };
    return JSON.stringify({ ...rest, asOf });
  }),
  inManifest('escapes what needs none', (text) => text.replace('reguler', '\\u0072eguler')),
  inManifest('has a fraction', (text) => text.replace(/"asOf":(\d+)/, '"asOf":$1.0')),
  inManifest('has half a character', (text) => text.replace('reguler', '\\ud800')),
  inManifest('is nested without an end', (text) => text.replace('"pemeriksaan reguler"', '['.repeat(9_999))),
  inManifest('is nested too deep', (text) =>
    text.replace('"pemeriksaan reguler"', `${'['.repeat(200)}${']'.repeat(200)}`),
  ),
  inManifest('is of another format', (text) => text.replace('jejak-bundle/1', 'jejak-bundle/2')),
  inManifest('has a member more', (text) => text.replace('}}}', '}},"z":1}')),
  inManifest('has no origin', (text) => text.replace(/"origin":"[^"]*",/, '')),
  inManifest('has an asOf of another kind', (text) => text.replace(/"asOf":\d+/, '"asOf":true')),
  inManifest('has a negative asOf', (text) => text.replace(/"asOf":/, '"asOf":-')),
  inManifest('says something else than complete or not', (text) =>
    text.replace('complete":true', 'complete":1'),
  ),
  inManifest('has a hash in capitals', (text) =>
    text.replace(/"checkpoint.txt":"[^"]*"/, (match) =>
      match.toUpperCase().replace('CHECKPOINT.TXT', 'checkpoint.txt'),
    ),
  ),
  inManifest('misses what cannot be missing', (text) =>
    text.replace('"missing":[]', '"missing":[{"what":"entries/1.leaf.json","why":"erased"}]'),
  ),
  inManifest('misses something for another cause', (text) =>
    text.replace('"missing":[]', `"missing":[{"what":"evidence/${'0'.repeat(64)}","why":"stolen"}]`),
  ),
  inManifest('has a request without a role', (text) => text.replace('"role":"inspector",', '')),
  inManifest('has a request at no time', (text) => text.replace('2026-01-05T09:00:00.000Z', 'kemarin')),
  inManifest('has another kind of scope', (text) => text.replace('"kind":"person"', '"kind":"unit"')),
  inManifest('has a subject that is no UUID', (text) => text.replace('9b2f7a52-', '')),
  ...SIX.map((name) =>
    manifest(`${name} is missing`, { file: name }, () => ({ files: drop(name), all: drop(name) })),
  ),
  manifest('a named file is not there', { file: 'prov.json' }, () => ({ all: drop('prov.json') })),
  manifest('a file is there that is not named', { file: 'heads/other.json' }, () => ({
    all: copy('prov.json', 'heads/other.json'),
  })),
  manifest('another file of the issue is there', { file: 'ISSUE.txt' }, () => ({
    all: copy('prov.json', 'ISSUE.txt'),
  })),
  manifest('a file is another one', { file: 'timeline.html' }, () => ({
    all: edit('timeline.html', otherHash),
  })),
  manifest('the manifest names itself', { file: 'MANIFEST.json' }, () => ({
    manifest: ({ files }) => Object.assign(files as object, { 'MANIFEST.json': '0'.repeat(64) }),
  })),
  manifest('the manifest names the issue', { file: 'ISSUE.leaf.json' }, () => ({
    manifest: ({ files }) => Object.assign(files as object, { 'ISSUE.leaf.json': '0'.repeat(64) }),
  })),
  ...[
    'verify.exe',
    'entries/07.leaf.json',
    'entries/7.json',
    'time/01.txt',
    'evidence/abc',
    'policies/x.leaf.json',
  ].map((name) =>
    manifest(`no bundle has ${name}`, { file: name }, () => ({ files: copy('prov.json', name) })),
  ),
  manifest(
    'a decision has no heads',
    { file: 'heads/head.json' },
    () => ({ files: copy('prov.json', 'heads/head.json') }),
    decisionPlan,
  ),
];

/** Every clause of the reasons `zip` and `manifest`. */
export const SPOILED_FORM: readonly Spoiled[] = [...ZIPS, ...MANIFESTS];
