import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { idOf, subjectOf } from '../feed-double/events.ts';
import { FeedDouble } from '../feed-double/index.ts';
import { signatureBy } from '../feed-double/sign.ts';
import { Example } from './sdk-example.ts';

describe('the examples of the client', () => {
  let directory: string;
  let double: FeedDouble;
  let running: Example[];
  const start = (name: string, words: readonly string[], env: Record<string, string> = {}) => {
    const example = new Example(name, words, { JEJAK_URL: double.url, JEJAK_TOKEN: double.token, ...env });
    running.push(example);
    return example;
  };

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'jejak-sdk-'));
    double = await FeedDouble.start();
    running = [];
  });
  afterEach(async () => {
    for (const { child } of running) child.kill('SIGKILL');
    await double.stop();
    rmSync(directory, { recursive: true });
  });

  it('follow to a file: killed again and again, it has every event once, in order', async () => {
    const file = join(directory, 'events.ndjson');
    double.append(2_500);
    const growing = setInterval(() => double.append(30), 3);
    for (let n = 0; n < 5; n++) {
      const example = start('follow-to-file', [file]);
      for (let lines = n; lines >= 0; lines--)
        expect(await example.line()).toMatch(/^\d+ events, up to \d+ of/);
      await example.end('SIGKILL');
      // As if it had been killed in the middle of a line.
      appendFileSync(file, '{"specversion":"1.0","id":');
    }
    clearInterval(growing);
    const last = start('follow-to-file', [file]);
    await last.until(new RegExp(`up to ${double.events.length - 1} of`));
    expect(await last.end('SIGTERM')).toBe(0);
    expect(last.stderr).toBe('');
    expect(readFileSync(file, 'utf8')).toBe(
      double.events.map((event) => `${JSON.stringify(event)}\n`).join(''),
    );
    expect(JSON.parse(readFileSync(`${file}.cursor`, 'utf8')).after).toBe(double.events.length - 1);
  });

  it('follow to a file: only what is wanted, and it says what is wrong', async () => {
    const file = join(directory, 'events.ndjson');
    double.append(10);
    await start('follow-to-file', [file, 'Placed']).until(/up to 9/);
    expect(readFileSync(file, 'utf8').match(/"type":"[^"]+"/g)).toEqual(
      Array(5).fill('"type":"id.jejak.Placed.v1"'),
    );
    const stranger = start('follow-to-file', [`${file}.2`], { JEJAK_TOKEN: 'x' });
    const [status] = await once(stranger.child, 'exit');
    expect(status).not.toBe(0);
    expect(stranger.stderr).toContain('check the token');
  });

  it('verify a webhook: print what is good, once, and refuse the rest', async () => {
    double.append(1);
    const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    const example = start('verify-webhook', ['0'], { WEBHOOK_SECRET: `whsec_${'A'.repeat(32)} ${secret}` });
    await once(example.child.stderr as NodeJS.ReadableStream, 'data');
    const url = /http:\S+/.exec(example.stderr)?.[0] ?? '';
    const body = JSON.stringify(double.events[0]);
    const send = async (id: string, sent: string, signed = sent) => {
      const now = Math.floor(Date.now() / 1_000);
      const headers = {
        'webhook-id': id,
        'webhook-timestamp': String(now),
        'webhook-signature': signatureBy(secret, id, now, signed),
      };
      return (await fetch(url, { method: 'POST', headers, body: sent })).status;
    };
    expect(await send('one', body)).toBe(204);
    expect(await send('one', body)).toBe(204);
    expect(await send('two', body, `${body} `)).toBe(400);
    expect(await send('three', `${body}\n`)).toBe(204);
    expect([await example.line(), await example.line()]).toEqual([body, body]);
    expect(example.stderr.match(/refused: no signature/g)).toHaveLength(1);
  });

  it('mirror to CSV: what is in force today, corrected and annulled, also after it was killed', async () => {
    const file = join(directory, 'mirror.csv');
    const promoted = (of: number, golongan: string, tmt: string) => ({
      of,
      type: 'Promoted',
      data: { golongan, jenis: 'reguler', tmt },
    });
    const placed = (of: number, unit: string, tmt: string) => ({ of, type: 'Placed', data: { unit, tmt } });
    double.record(
      promoted(1, 'III/c', '2025-04-01'),
      placed(1, 'u1', '2020-01-01'),
      // Recorded later, in force earlier.
      promoted(1, 'III/b', '2021-04-01'),
      promoted(1, 'IV/a', '9999-01-01'),
      placed(2, 'u1', '2024-01-01'),
      placed(2, 'u2', '2025-01-01'),
      { of: 2, type: 'AppraisalScored', data: { unit: 'u9' } },
    );
    const rows = (...of: string[]) => ['subject,golongan,golongan_tmt,unit,unit_tmt', ...of, ''].join('\n');
    const first = start('mirror-to-csv', [file]);
    await first.until(/up to 6/);
    expect(readFileSync(file, 'utf8')).toBe(
      rows(`${subjectOf(1)},III/c,2025-04-01,u1,2020-01-01`, `${subjectOf(2)},,,u2,2025-01-01`),
    );
    await first.end('SIGKILL');
    double.record(
      { of: 2, type: 'Annulled', data: { event: idOf(5), because: 'x' } },
      {
        of: 1,
        type: 'Corrected',
        data: {
          event: idOf(0),
          because: 'x',
          replacement: { type: 'Promoted', data: promoted(1, 'III/d', '2025-10-01').data },
        },
      },
    );
    await start('mirror-to-csv', [file]).until(/up to 8/);
    expect(readFileSync(file, 'utf8')).toBe(
      rows(`${subjectOf(1)},III/d,2025-10-01,u1,2020-01-01`, `${subjectOf(2)},,,u1,2024-01-01`),
    );
    expect(double.asked.at(-1)?.url.searchParams.get('after')).not.toBe('-1');
  });
});
