import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Acknowledged, expectWhole, Writer } from './writer.ts';

const ROUNDS = 10;

describe('the log, when processes that write to it are killed', () => {
  let directory: string;
  let file: string;
  let writers: Writer[] = [];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'jejak-crash-'));
    file = join(directory, 'events.db');
  });
  afterEach(async () => {
    await Promise.all(writers.splice(0).map((writer) => writer.kill()));
    rmSync(directory, { recursive: true });
  });

  it('is made once where several processes open it for the first time at the same time', async () => {
    writers = ['a', 'b', 'c', 'd'].map((name) => new Writer(file, name));
    await Promise.all(writers.map((writer) => writer.until((it) => it.acknowledged.length >= 20)));
    await Promise.all(writers.map((writer) => writer.kill()));
    await expectWhole(
      file,
      writers.flatMap(({ acknowledged }) => acknowledged),
    );
  });

  it('has every acknowledged event once, and no append by halves, whenever they are killed', async () => {
    const acknowledged: Acknowledged[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const [first, second] = [new Writer(file, 'a'), new Writer(file, 'b')];
      writers = [first, second];
      const soon = Math.ceil(Math.random() * 200);
      await Promise.all(writers.map((writer) => writer.until((it) => it.acknowledged.length >= soon)));
      await sleep(Math.random() * 20);
      await first.kill();
      const since = second.acknowledged.length;
      await second.until((it) => it.acknowledged.length > since + 20);
      await second.kill();
      acknowledged.push(...first.acknowledged, ...second.acknowledged);
      await expectWhole(file, acknowledged);
    }
    expect(new Set(acknowledged.map(({ stream }) => stream)).size).toBe(17);
  });
});
