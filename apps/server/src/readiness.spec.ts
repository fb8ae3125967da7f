import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { createLogger } from './log.ts';
import { Readiness } from './readiness.ts';

/** What is logged while `work` runs. */
async function logged(work: () => Promise<void>): Promise<string[]> {
  const lines: string[] = [];
  Logger.overrideLogger(
    createLogger({ level: 'info', destination: { write: (line: string) => lines.push(line) } }),
  );
  try {
    await work();
  } finally {
    Logger.overrideLogger(false);
  }
  return lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
}

beforeAll(() => Logger.overrideLogger(false));
afterAll(() => Logger.overrideLogger(['fatal', 'error', 'warn']));

describe('readiness', () => {
  it('names each part, and is not there where one needed part is not', async () => {
    const readiness = new Readiness([
      { name: 'store', isOk: async () => true },
      { name: 'views', isOk: async () => false },
    ]);
    expect(await readiness.report()).toEqual({
      ready: false,
      checks: [
        { name: 'store', ok: true },
        { name: 'views', ok: false },
      ],
    });
  });

  it('is there without an optional part, which is named all the same', async () => {
    const away = () => Promise.reject(new Error('connection refused'));
    const readiness = new Readiness([{ name: 'redis', optional: true, isOk: away }]);
    expect(await readiness.report()).toEqual({ ready: true, checks: [{ name: 'redis', ok: false }] });
  });

  it('is told to the log when it changes, not whenever it is asked for', async () => {
    let ok = true;
    const isOk = async () => {
      if (!ok) throw new Error('connection refused');
      return true;
    };
    const readiness = new Readiness([{ name: 'store', isOk }]);
    const said = await logged(async () => {
      for (const now of [true, false, false, false, true, true]) {
        ok = now;
        await readiness.report();
      }
    });
    expect(said).toEqual(['store is not there', 'store is there again']);
  });

  it('does not wait for a part that hangs, nor ask it again meanwhile', async () => {
    let asked = 0;
    let answer: (ok: boolean) => void = () => undefined;
    const isOk = () => {
      asked++;
      return new Promise<boolean>((settle) => {
        answer = settle;
      });
    };
    const readiness = new Readiness([{ name: 'store', isOk }], 20);
    for (let n = 0; n < 3; n++) expect((await readiness.report()).ready).toBe(false);
    expect(asked).toBe(1);
    const next = readiness.report();
    answer(true);
    expect((await next).ready).toBe(true);
  });
});
