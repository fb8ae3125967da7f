import { describe, expect, it } from '@jest/globals';
import { changeKey, issueKey, type KnownKey, narrower, revokeKey, rotateKey } from './api-key.ts';
import type { KeyTerms } from './integration.ts';

const NOW = Date.parse('2026-03-01T00:00:00.000Z');
const terms: KeyTerms = {
  name: 'payroll',
  sees: 'restricted',
  reads: 'internal',
  purpose: 'penggajian',
  expires: '2027-03-01T00:00:00.000Z',
};
const issued: KnownKey = { ...terms, change: 'issued' };
const revoked: KnownKey = { ...terms, change: 'revoked' };
const event = (data: object) => [{ type: 'ApiKeyChanged', data }];

describe('a key of an integrator', () => {
  it('is issued once, for at most 400 days', () => {
    expect(issueKey(terms, NOW, undefined)).toEqual(event({ ...terms, change: 'issued' }));
    expect(issueKey(terms, NOW, issued)).toMatchObject({ refused: 'key-exists' });
    for (const expires of ['2026-03-01T00:00:00.000Z', '2027-04-05T00:00:00.001Z', 'x'])
      expect(issueKey({ ...terms, expires }, NOW, undefined)).toMatchObject({ refused: 'expiry-amiss' });
    expect(issueKey({ ...terms, expires: '2027-04-05T00:00:00.000Z' }, NOW, undefined)).toHaveLength(1);
  });

  it('reads nothing that it is not told of', () => {
    const amiss = { refused: 'reads-more-than-it-sees', field: 'reads' };
    expect(issueKey({ ...terms, sees: 'public' }, NOW, undefined)).toMatchObject(amiss);
    expect(changeKey({ sees: 'public' }, NOW, issued)).toMatchObject(amiss);
    expect(changeKey({ sees: 'internal' }, NOW, issued)).toHaveLength(1);
  });

  it('changes its terms, and on the same ones does nothing', () => {
    const changed = { ...terms, reads: 'restricted', change: 'changed' };
    expect(changeKey({ reads: 'restricted' }, NOW, issued)).toEqual(event(changed));
    expect(changeKey({ ...terms }, NOW, issued)).toEqual([]);
    expect(changeKey({ expires: '2030-01-01T00:00:00.000Z' }, NOW, issued)).toMatchObject({
      refused: 'expiry-amiss',
    });
    const later = Date.parse('2028-01-01T00:00:00.000Z');
    expect(changeKey({ name: 'gaji' }, later, issued)).toHaveLength(1);
  });

  it('gets another secret until it has expired', () => {
    expect(rotateKey(NOW, issued)).toEqual(event({ ...terms, change: 'rotated' }));
    expect(rotateKey(Date.parse(terms.expires), issued)).toMatchObject({ refused: 'key-expired' });
  });

  it('is revoked once, and for good', () => {
    expect(revokeKey(issued)).toEqual(event({ ...terms, change: 'revoked' }));
    expect(revokeKey(revoked)).toEqual([]);
    for (const asked of [changeKey({ name: 'x' }, NOW, revoked), rotateKey(NOW, revoked)])
      expect(asked).toMatchObject({ refused: 'key-revoked' });
  });

  it('that was never issued is nothing to change', () => {
    for (const asked of [changeKey({}, NOW, undefined), rotateKey(NOW, undefined), revokeKey(undefined)])
      expect(asked).toMatchObject({ refused: 'key-unknown' });
  });

  it('allows on two terms at once what both allow', () => {
    const other = { ...terms, name: 'x', reads: 'public', expires: '2026-06-01T00:00:00.000Z' } as const;
    const both = { ...terms, reads: 'public', expires: '2026-06-01T00:00:00.000Z' };
    expect(narrower(terms, other)).toEqual(both);
    expect(narrower(other, terms)).toEqual({ ...both, name: 'x' });
  });
});
