import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { expectWhole, Writer } from './writer.ts';

const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0;
if (!hasPrlimit)
  console.warn('SKIPPED: a disk that takes no more cannot be had without prlimit (util-linux)');

describe('the log, when the disk takes no more', () => {
  let directory: string;
  let writer: Writer | undefined;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'jejak-full-'));
  });
  afterEach(async () => {
    await writer?.kill();
    rmSync(directory, { recursive: true });
  });

  (hasPrlimit ? it : it.skip)(
    'says that it is not available, keeps all it acknowledged, and goes on in the same process once there is room',
    async () => {
      const file = join(directory, 'events.db');
      // No file of the process may grow beyond this: to SQLite, the disk refuses to write.
      writer = new Writer(file, 'a', ['prlimit', '--fsize=2000000:']);
      await writer.until((it) => it.unavailable.length >= 50);
      const before = writer.acknowledged.length;
      expect(before).toBeGreaterThan(0);
      expect(writer.unavailable[0]).toMatch(/^Error: The log .*events.db is not available: the disk/);
      execFileSync('prlimit', ['--pid', `${writer.pid}`, '--fsize=unlimited:']);
      await writer.until((it) => it.acknowledged.length >= before + 500);
      await writer.kill();
      await expectWhole(file, writer.acknowledged);
    },
  );
});
