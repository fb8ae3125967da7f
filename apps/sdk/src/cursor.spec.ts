import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Cursor } from './index.ts';

describe('a cursor in a file', () => {
  let directory: string;
  let file: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'jejak-cursor-'));
    file = join(directory, 'cursor');
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('is not there at first, and then says what was written last, with all that goes with it', async () => {
    const cursor = new Cursor<{ bytes: number }>(file);
    expect(await cursor.read()).toBeUndefined();
    await cursor.write({ after: 41, bytes: 7 });
    await cursor.write({ after: 42, bytes: 9 });
    expect(await new Cursor(file).read()).toEqual({ after: 42, bytes: 9 });
    expect(await readdir(directory)).toEqual(['cursor']);
  });

  it('is the old one, whole, where the writing of a new one was cut off', async () => {
    await new Cursor(file).write({ after: 41 });
    await writeFile(`${file}.new`, '{"aft');
    expect(await new Cursor(file).read()).toEqual({ after: 41 });
    await new Cursor(file).write({ after: 42 });
    expect(await readFile(file, 'utf8')).toBe('{"after":42}\n');
  });

  it.each(['', '{"aft', '{}', '{"after":"7"}', 'null'])('is not guessed from %j', async (text) => {
    await writeFile(file, text);
    await expect(new Cursor(file).read()).rejects.toThrow(`${file} is no cursor`);
  });

  it('says where it cannot be read or written', async () => {
    await expect(new Cursor(directory).read()).rejects.toThrow('EISDIR');
    await expect(new Cursor(join(directory, 'none', 'cursor')).write({ after: 1 })).rejects.toThrow('ENOENT');
  });
});
