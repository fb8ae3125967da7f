import { describe, expect, it } from '@jest/globals';
import { formatCheckpoint } from './checkpoint.ts';
import { LOG_KEY, parseSkey, type Signer, signerOf, WITNESS_KEY } from './keys.ts';
import { rootOf } from './merkle.ts';
import { signatureLine, signNote } from './note.ts';
import { parsePolicy, type Trusted, trust } from './policy.ts';

const TIME = 1_679_315_147;
const ORIGIN = 'example.com/log/testdata';
const CHECKPOINT = `${ORIGIN}\n15\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=\n`;
const LOG_VKEY = `${ORIGIN}+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx`;
const WITNESS_VKEY = 'example.com/witness+10a1c019+BGSEitir7W6FmBs7OHWyUrh2frtLAvcDrKOx5xu9ao5Q';
const COSIGNED = `${CHECKPOINT}
— example.com/log/testdata M9e0luh4jTG+UMBqOUo9/q+yAEvx1ilBEniMvjf1zfcBOhg+CKubMt53MvIt/uEWP6zdkdIQzd/fmwlM/dlPWF74ewI=
— example.com/witness EKHAGQAAAABkGFDLPX52bqsNVRwJszRsJ4CaZ2z8sjGx+b3pGEdRojnr3kzGm9mykMVsYyGOkN5dOPZIj5bNxC6O/JjTfKFZwyP5Dg==
`;
const log = parseSkey(`PRIVATE+KEY+${ORIGIN}+33d7b496+AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg`);
const witness = (n: number) =>
  signerOf(`witness-${n}.example`, WITNESS_KEY, Buffer.alloc(32, n), () => (TIME + n) * 1_000);
const THREE = parsePolicy(`log ${LOG_VKEY}
witness one ${witness(1).verifier.vkey}
witness two ${witness(2).verifier.vkey}
witness three ${witness(3).verifier.vkey}
group most 2 one two three
quorum most`);
const noteBy = (...signers: Signer[]) => signNote(CHECKPOINT, signers);
const none = parsePolicy(`log ${LOG_VKEY}\nquorum none`);

describe('a checkpoint is believed', () => {
  it('where a log of the policy signed it and its quorum cosigned it, and it says when', () => {
    const policy = parsePolicy(`log ${LOG_VKEY}\nwitness w ${WITNESS_VKEY}\nquorum w`);
    for (const note of [COSIGNED, Buffer.from(COSIGNED)]) {
      const trusted = trust(note, policy) as Trusted;
      expect(formatCheckpoint(trusted)).toBe(CHECKPOINT);
      expect(trusted.by.map(({ vkey }) => vkey)).toEqual([LOG_VKEY]);
      expect([...trusted.cosigned]).toEqual([['w', TIME]]);
    }
  });

  it('by any two of three witnesses, whoever else signed it, in whatever order', () => {
    const stranger = signerOf('stranger.example', WITNESS_KEY, Buffer.alloc(32, 9), () => TIME * 1_000);
    for (const [a, b] of [
      [1, 2],
      [3, 1],
      [2, 3],
    ] as const) {
      const note = noteBy(witness(a), stranger, log, witness(b));
      const names = ['', 'one', 'two', 'three'];
      expect([...(trust(note, THREE) as Trusted).cosigned]).toEqual([
        [names[a], TIME + a],
        [names[b], TIME + b],
      ]);
    }
  });

  it('where the policy needs no witness', () => {
    expect(trust(noteBy(log), none)).toMatchObject({ origin: ORIGIN, size: 15n });
    expect((trust(COSIGNED, none) as Trusted).cosigned.size).toBe(0);
  });

  it('of either key of a log that has two', () => {
    const second = signerOf(ORIGIN, LOG_KEY, Buffer.alloc(32, 5));
    const both = parsePolicy(`log ${LOG_VKEY}\nlog ${second.verifier.vkey}\nquorum none`);
    for (const signers of [[log], [second], [log, second]])
      expect((trust(noteBy(...signers), both) as Trusted).by.map(({ id }) => id)).toEqual(
        signers.map(({ id }) => id),
      );
  });
});

describe('a checkpoint is not believed', () => {
  const [one, two] = [witness(1), witness(2)];
  const other = `${ORIGIN}\n16\n${rootOf([]).toString('base64')}\n`;
  const asLog = signerOf(one.name, LOG_KEY, Buffer.alloc(32, 1));
  const sameOrigin = signerOf('example.com/other', LOG_KEY, Buffer.alloc(32, 4));
  const both = parsePolicy(`log ${LOG_VKEY}\nlog ${sameOrigin.verifier.vkey}\nquorum none`);
  const namesake = signerOf(ORIGIN, WITNESS_KEY, Buffer.alloc(32, 8), () => TIME * 1_000);
  const alike = parsePolicy(`log ${LOG_VKEY}\nwitness w ${namesake.verifier.vkey}\nquorum w`);
  const wrong = (note: string) => note.replace('15\n', '16\n');

  it.each<[string, string, typeof none, 'malformed' | 'signature' | 'quorum']>([
    ['where it is not a note', CHECKPOINT, none, 'malformed'],
    ['where the text of the note is none', signNote('a\n', [log]), none, 'malformed'],
    ['where it has a line of extension', signNote(`${CHECKPOINT}ext\n`, [log]), none, 'malformed'],
    ['where nobody known signed it', noteBy(asLog), none, 'signature'],
    ['where only its witnesses did', noteBy(one, two), THREE, 'signature'],
    ['where only a witness did that has the name of the log', noteBy(namesake), alike, 'signature'],
    ['where it was altered', wrong(noteBy(log, one, two)), THREE, 'signature'],
    ['where the log signed twice', noteBy(log, log), none, 'signature'],
    ['where a witness cosigned twice', noteBy(log, one, one), THREE, 'signature'],
    [
      'where one cosignature is of another checkpoint, though enough are right',
      signNote(CHECKPOINT, [log, one, two], [signatureLine(witness(3), other)]),
      THREE,
      'signature',
    ],
    ['where a log signed what another says of itself', noteBy(sameOrigin), both, 'signature'],
    ['where nobody cosigned it', noteBy(log), THREE, 'quorum'],
    ['where fewer did than must', noteBy(log, one), THREE, 'quorum'],
    [
      'where the key of a witness signed as a log does',
      noteBy(log, one, signerOf(two.name, LOG_KEY, Buffer.alloc(32, 2))),
      THREE,
      'quorum',
    ],
    [
      'where one witness cosigned under two names',
      noteBy(
        log,
        one,
        signerOf('alias.example', WITNESS_KEY, Buffer.alloc(32, 1), () => TIME * 1_000),
      ),
      THREE,
      'quorum',
    ],
  ])('%s', (_, note, policy, distrusted) => {
    expect(trust(note, policy)).toMatchObject({ distrusted, because: expect.any(String) });
  });

  it('says who did cosign it, and whose word is needed', () => {
    expect(trust(noteBy(log, one), THREE)).toMatchObject({
      because: 'the quorum most did not cosign; one did',
    });
    expect(trust(noteBy(log), THREE)).toMatchObject({
      because: 'the quorum most did not cosign; nobody did',
    });
  });
});
