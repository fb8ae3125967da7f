import { existsSync, writeFileSync } from 'node:fs';
import { subjectOf } from '@app/domain/civil-servant';
import {
  contentOf,
  EvidenceStore,
  makeBundle,
  NoBundle,
  NotSealed,
  type Scope,
  verifierFiles,
} from '@app/ledger';
import { type Call, type Command, Usage } from './command.ts';
import { noted, PURPOSE, purposeOf } from './noted.ts';
import { askingHere } from './operator.ts';
import { WHO, whoOf } from './person.ts';
import { sealedHere } from './sealed.ts';

/** From `dist/apps/cli/src`. */
const VERIFIERS = new URL('../../../../apps/verify/', import.meta.url);

export const bundle: Command = {
  name: 'bundle',
  usage: 'bundle <nip> | --subject UUID | --decision EVENT --purpose TEXT --out FILE.zip',
  does: [
    'Bundel bukti semua catatan seorang ASN, atau satu keputusan, yang dapat diperiksa tanpa mempercayai siapa pun.',
    'An evidence bundle of all events of a civil servant, or of one decision, that verifies without trusting anyone.',
  ],
  options: {
    ...WHO,
    decision: { type: 'string', means: 'id of the event of one decision' },
    ...PURPOSE,
    out: { type: 'string', means: 'the file to write' },
  },
  run: async (call) => {
    const { options, record, say, settings } = call;
    const { out } = options;
    const purpose = purposeOf(call);
    if (typeof out !== 'string') throw new Usage('--out is needed: the file to write');
    if (existsSync(out)) throw new Usage(`${out} exists already; name another file`);
    const asked = await scopeOf(call);
    if (!asked) return 1;
    const { covered, policy } = await sealedHere(record, settings);
    try {
      const made = await makeBundle(
        { ...asked, purpose },
        {
          ...parts(call),
          covered,
          policy: policy.text,
          more: await verifierFiles(VERIFIERS),
        },
        await askingHere(record),
      );
      writeFileSync(out, made.bytes, { flag: 'wx', mode: 0o600 });
      const { complete, asOf, missing } = made.manifest;
      say.result(
        { file: out, bytes: made.bytes.length, entries: made.entries, complete, asOf, missing },
        () =>
          [
            `${out}: ${made.entries} catatan / entries, ${made.bytes.length} bytes`,
            complete ? `LENGKAP sampai ${asOf} / COMPLETE as of size ${asOf}` : 'SEBAGIAN / PARTIAL',
            ...missing.map(({ what, why }) => `tidak disertakan / missing: ${what} (${why})`),
          ].join('\n'),
      );
      return 0;
    } catch (cause) {
      if (!(cause instanceof NoBundle || cause instanceof NotSealed)) throw cause;
      say.remark(`Ditolak / refused: ${cause.message}`);
      return 1;
    }
  },
};

async function scopeOf(
  call: Call,
): Promise<{ scope: Scope; person?: { name: string; nip: string } } | undefined> {
  const { decision } = call.options;
  if (typeof decision === 'string') {
    if (call.words.length > 0 || call.options.subject !== undefined)
      throw new Usage('either a NIP, --subject or --decision');
    const found = await call.record.journal.find(decision);
    await noted(call, 'bundle', (found && subjectOf(found.stream)) ?? null);
    return { scope: { kind: 'decision', event: decision } };
  }
  const who = await whoOf(call, 'bundle');
  if (!who) return undefined;
  const { subject, person } = who;
  const named = person ? { person: { name: person.name, nip: person.nip } } : {};
  return { scope: { kind: 'person', subject }, ...named };
}

function parts({ record, evidence: { directory } }: Call) {
  const { database, journal, transact, tree, checkpoints, store } = record;
  const documents = new EvidenceStore(directory);
  const evidence = (sha256: string) => contentOf(store, documents, sha256);
  return { database, journal, transact, tree, checkpoints, evidence };
}
