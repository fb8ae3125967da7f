import { describe, expect, it } from '@jest/globals';
import { isPurpose } from './purpose.ts';

describe('a purpose', () => {
  it.each(['a', 'pemeriksaan berkala 2026', 'Rapat — “Baperjakat”, no. 800/12', 'évaluasi', 'x'.repeat(200)])(
    'is words that can be seen: %s',
    (text) => expect(isPurpose(text)).toBe(true),
  );

  it.each([
    '',
    ' ',
    ' a',
    'a ',
    'a\tb',
    'a\nb',
    'a\u00a0b',
    'a\u202eb',
    '\ud800',
    'x'.repeat(201),
    'NIP 198501012010011001',
    'NIP 19850101 201001 1 001',
    'NIK 1234567890123456',
  ])('is nothing else, and names nobody by number: %j', (text) => expect(isPurpose(text)).toBe(false));
});
