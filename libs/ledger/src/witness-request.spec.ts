import { Malformed, signNote } from '@app/proof';
import { expect, it } from '@jest/globals';
import { GivenLog } from '../../../test/ledger/log.ts';
import { formatAddCheckpoint, parseAddCheckpoint } from './witness-request.ts';

const log = new GivenLog().append(...Array.from({ length: 8 }, (_, n) => `leaf ${n}`));

const HASH = log.root(1).toString('base64');
const MALFORMED: readonly [what: string, request: string | Buffer][] = [
  ['nothing', ''],
  ['no empty line', `old 0\n${log.note(5).replaceAll('\n\n', '\n')}`],
  ['no old', `\n${log.note(5)}`],
  ['another word', `size 0\n\n${log.note(5)}`],
  ['a size with a zero before it', `old 00\n\n${log.note(5)}`],
  ['a size with a sign', `old +0\n\n${log.note(5)}`],
  ['a size beyond 2^63', `old ${2n ** 63n}\n\n${log.note(5)}`],
  ['two spaces', `old  0\n\n${log.note(5)}`],
  ['a carriage return', `old 0\r\n\n${log.note(5)}`],
  ['64 lines of proof', `old 0\n${`${HASH}\n`.repeat(64)}\n${log.note(5)}`],
  ['a hash that is too short', `old 0\n${Buffer.alloc(31).toString('base64')}\n\n${log.note(5)}`],
  ['a hash that is too long', `old 0\n${Buffer.alloc(33).toString('base64')}\n\n${log.note(5)}`],
  ['another spelling of a hash', `old 0\n${'A'.repeat(42)}B=\n\n${log.note(5)}`],
  ['a hash without padding', `old 0\n${HASH.slice(0, -1)}\n\n${log.note(5)}`],
  ['a space after a hash', `old 0\n${HASH} \n\n${log.note(5)}`],
  ['no signature', `old 0\n\n${log.text(5)}`],
  ['something that is no signature line', `old 0\n\n${log.text(5)}\n- ${log.origin} AAAAAAAA\n`],
  ['an extension', `old 0\n\n${signNote(`${log.text(5)}more\n`, [log.signer])}`],
  ['a checkpoint of two lines', `old 0\n\n${signNote(`${log.origin}\n5\n`, [log.signer])}`],
  ['a size that is none', `old 0\n\n${signNote(log.text(5).replace('\n5\n', '\n05\n'), [log.signer])}`],
  ['bytes that are no text', Buffer.concat([Buffer.from(`old 0\n\n${log.note(5)}`), Buffer.of(0xff, 10)])],
  ['a control character', `old 0\n\n${log.note(5).replace('sibolga', 'sib\tolga')}`],
  ['101 signatures', `old 0\n\n${log.note(5)}${'— a AAAAAAAA\n'.repeat(100)}`],
  ['more than 65,536 bytes', `old 0\n\n${log.note(5)}${`— a ${'A'.repeat(8_000)}\n`.repeat(9)}`],
];

it.each(MALFORMED)('a request to cosign is malformed with %s', (_, request) => {
  expect(() => parseAddCheckpoint(Buffer.from(request as string))).toThrow(Malformed);
});

it('a request to cosign is read as it was written', () => {
  const many = `${log.note(5)}${`— a ${'A'.repeat(8_000)}\n`.repeat(7)}`;
  for (const proof of [[], log.proof(5, 8), Array(63).fill(log.root(1)) as Buffer[]]) {
    const read = parseAddCheckpoint(Buffer.from(formatAddCheckpoint(4n, proof, many)));
    expect(read).toMatchObject({ old: 4n, proof, checkpoint: { origin: log.origin, size: 5n } });
    expect(read.note?.signatures).toHaveLength(8);
  }
});
