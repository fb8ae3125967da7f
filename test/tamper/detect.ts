import { readFileSync, writeFileSync } from 'node:fs';
import {
  type AccessFault,
  EvidenceStore,
  type LogVerdict,
  SignerRefuses,
  seal,
  verifyBundle,
} from '@app/ledger';
import { formatCheckpoint, Malformed, parsePolicy, parseSkey, signNote, trust } from '@app/proof';
import type { Call } from '../../apps/cli/src/command.ts';
import { verify as verifyCommand } from '../../apps/cli/src/verify.command.ts';
import { type Lab, ledgerIn } from './lab.ts';
import type { WitnessName } from './witnesses.ts';

/** What somebody says of an attacked record: a name, with the first bad position where there is one; and in words. */
export type Said = { readonly says: string; readonly words: string };

export const NOTHING = 'nothing';
const nothing: Said = { says: NOTHING, words: '' };

type Verdict = LogVerdict & { readonly access: AccessFault | null };

/** `jejak verify` of the inspector, under a policy of their own. */
async function verified(lab: Lab, more: Record<string, string> = {}): Promise<Verdict> {
  const policy = lab.file('inspector-policy.txt');
  writeFileSync(policy, lab.prepared.policyText);
  return lab.bare(async (record) => {
    await record.catchUp().catch(() => undefined);
    let verdict: unknown;
    await (verifyCommand as { run: (call: Call) => Promise<number> }).run({
      record,
      dataDir: lab.directory,
      evidence: { directory: lab.file('evidence') },
      settings: { ledger: ledgerIn(lab.directory) },
      options: { policy, restart: true, ...more },
      say: {
        result: (value: unknown) => {
          verdict = value;
        },
        remark: () => undefined,
      },
    } as unknown as Call);
    return verdict as Verdict;
  });
}

function faultOf({ faults: [first] }: Verdict): Said {
  return first ? { says: `${first.kind} ${first.index}`, words: first.because } : nothing;
}

/** Whether a witness elsewhere cosigns the log as it is now, however well its owner, who holds the key, asks. */
async function witness(lab: Lab, name: WitnessName): Promise<Said> {
  return lab.open(async ({ record, witnesses }) => {
    const { tree, journal } = record;
    await journal.fill();
    const size = await tree.extend();
    const signer = parseSkey(readFileSync(ledgerIn(lab.directory).key.file, 'utf8').trim());
    const text = formatCheckpoint({ origin: signer.name, size, root: await tree.root(size) });
    const { status, body } = await witnesses.show(name, signNote(text, [signer]), tree.consistency);
    const words = body.trim();
    if (status === 200) return nothing;
    const [, index, rule] = /^entry (\d+): .*\(([a-z-]+)\)$/.exec(words) ?? [];
    return { says: rule ? `${rule} ${index}` : String(status), words };
  });
}

/** Everybody who may find something, by name. */
export const DETECTORS = {
  verify: async (lab: Lab) => faultOf(await verified(lab)),
  'verify --checkpoint': async (lab: Lab) => {
    writeFileSync(lab.file('kept.txt'), lab.kept);
    return faultOf(await verified(lab, { checkpoint: lab.file('kept.txt') }));
  },
  'access log': async (lab: Lab) => {
    const { access } = await verified(lab);
    return access ? { says: `access ${access.index}`, words: access.because } : nothing;
  },
  signer: async (lab: Lab) => {
    try {
      await lab.open(({ sealing, record }) => record.journal.fill().then(() => seal(sealing)));
      return nothing;
    } catch (cause) {
      if (!(cause instanceof SignerRefuses)) throw cause;
      return { says: 'refuses', words: cause.message };
    }
  },
  witness: (lab: Lab) => witness(lab, 'insp'),
  'semantic witness': (lab: Lab) => witness(lab, 'bkn'),
  'verify-bundle': async (lab: Lab) => {
    const { verdict, reason, index, file, words } = verifyBundle(lab.bundle, lab.policy());
    if (verdict === 'sound') return nothing;
    return { says: [reason, index ?? file ?? []].flat().join(' '), words: words.en };
  },
  'evidence store': async (lab: Lab) => {
    const isWhole = await new EvidenceStore(lab.file('evidence')).verify(lab.prepared.document);
    return isWhole
      ? nothing
      : { says: isWhole === undefined ? 'gone' : 'altered', words: 'is no longer what was kept' };
  },
  /** A reader of a bundle with one bit changed, in whichever byte. */
  'every byte': async ({ prepared, policy }: Lab) => {
    const bytes = Buffer.from(prepared.small);
    const believed = policy();
    const passed = [...bytes.keys()].filter((at) => {
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (at % 8)), at);
      const { verdict } = verifyBundle(bytes, believed);
      bytes.writeUInt8(prepared.small.readUInt8(at), at);
      return verdict !== 'tampered';
    });
    if (passed.length > 0) return nothing;
    return { says: 'none verifies', words: `${bytes.length} bytes, a bit of each flipped in its turn` };
  },
  /** A reader who checks `lab.kept` under the policy. */
  trust: async (lab: Lab) => {
    const trusted = trust(lab.kept, lab.policy());
    return 'distrusted' in trusted ? { says: trusted.distrusted, words: trusted.because } : nothing;
  },
  /** A reader of `lab.policyText`. */
  policy: async (lab: Lab) => {
    try {
      parsePolicy(lab.policyText);
      return nothing;
    } catch (cause) {
      if (!(cause instanceof Malformed)) throw cause;
      return { says: 'malformed', words: cause.message };
    }
  },
} satisfies Record<string, (lab: Lab) => Promise<Said>>;

export type Detector = keyof typeof DETECTORS;

/** An attack, and what each of those who look at it must say. `stays`: why nobody finds it. */
export type Attack = {
  readonly name: string;
  readonly words: { readonly id: string; readonly en: string };
  readonly attack: (lab: Lab) => Promise<void>;
  readonly expect: (lab: Lab) => Partial<Record<Detector, string>>;
  readonly stays?: string;
};

export type Outcome = {
  readonly attack: Attack;
  readonly said: Partial<Record<Detector, Said>>;
  /** Who said something else than they must. */
  readonly wrong: readonly string[];
};

/** Lets an attack happen to a fresh copy of the record, and asks those who look at it. */
export async function tried(attack: Attack, lab: Lab): Promise<Outcome> {
  try {
    await attack.attack(lab);
    const due = Object.entries(attack.expect(lab)) as [Detector, string][];
    const said: Outcome['said'] = {};
    const wrong: string[] = [];
    for (const [detector, must] of due) {
      const one = await DETECTORS[detector](lab);
      said[detector] = one;
      if (one.says !== must) wrong.push(`${detector}: ${one.says}, not ${must}`);
    }
    const isFound = due.some(([, must]) => must !== NOTHING);
    if (isFound === (attack.stays !== undefined)) wrong.push('it must be found, or say why it is not');
    return { attack, said, wrong };
  } finally {
    lab.remove();
  }
}
