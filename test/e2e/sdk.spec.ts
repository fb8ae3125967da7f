import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mintLocalToken } from '@app/people';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type CloudEvent,
  indexOf,
  JejakClient,
  type StreamTold,
  type Wanted,
} from '../../apps/sdk/src/index.ts';
import { Network } from '../kurrent-double/network.ts';
import { Example } from './sdk-example.ts';
import { Server } from './server.ts';

describe('the client, on the service itself,', () => {
  let server: Server;
  let network: Network;
  let token: string;
  let url: string;
  let people = 0;
  const directory = mkdtempSync(join(tmpdir(), 'jejak-sdk-'));

  beforeAll(async () => {
    server = await Server.start();
    token = await mintLocalToken(server.dir, { role: 'bkpsdm', sub: 'gaji' }, 3_600);
    network = new Network();
    url = `http://127.0.0.1:${await network.open(0, Number(new URL(server.url).port))}`;
  });
  afterAll(async () => {
    await network.close();
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  const client = () =>
    new JejakClient({
      baseUrl: url,
      token,
      purpose: 'uji é',
      pace: { sleep: async () => void (await new Promise((settle) => setTimeout(settle, 2))) },
    });
  const sk = { number: '1', date: '2010-01-01' };
  const promote = (subject: string, golongan: string, tmt: string) =>
    server.command(`/${subject}/promotions`, {
      golongan,
      jenis: golongan === 'III/a' ? 'pengadaan' : 'reguler',
      tmt,
      sk,
    });
  /** Somebody more on the record, with a promotion. */
  const more = async () => {
    const subject = await server.register(++people);
    await promote(subject, 'III/a', '2010-01-01');
    await server.record.catchUp();
    return subject;
  };
  /** All events, a page after the other: each may be shorter than it might. */
  const journal = async () => {
    const events: CloudEvent[] = [];
    for await (const page of client().pages()) {
      events.push(...page.events);
      if (page.after === page.logSize - 1) break;
    }
    return events;
  };

  /** So many people more, over connections that break now and then. */
  async function grow(count: number): Promise<void> {
    for (let n = 0; n < count; n++) {
      await more();
      if (n % 3 === 0) network.reset();
    }
  }

  /** Reads on until seven more were told, or nothing comes any more. */
  async function live(
    read: (wanted: Wanted) => AsyncIterable<StreamTold>,
    seen: CloudEvent[],
  ): Promise<void> {
    const stop = new AbortController();
    const enough = seen.length + 7;
    const quiet = setTimeout(() => stop.abort(), 500);
    for await (const { event } of read({ after: seen.length - 1, signal: stop.signal })) {
      if (event) seen.push(event);
      quiet.refresh();
      if (seen.length >= enough) stop.abort();
    }
    clearTimeout(quiet);
  }

  it.each([
    ['feed', (wanted: Wanted) => client().events({ ...wanted, limit: 5 })],
    ['stream', (wanted: Wanted) => client().stream(wanted)],
  ] as const)(
    'reads on the %s every event once, in order, over connections that break while the record grows',
    async (_, read) => {
      const grown = grow(40);
      const seen: CloudEvent[] = [];
      let isGrowing = true;
      void grown.then(() => {
        isGrowing = false;
      });
      while (isGrowing) await live(read, seen);
      while (seen.length < (await server.written())) await live(read, seen);
      expect(seen.map(indexOf)).toEqual(Array.from({ length: await server.written() }, (_, n) => n));
      expect(seen).toEqual(await journal());
    },
  );

  it('is refused in words', async () => {
    const asked = (more: Partial<ConstructorParameters<typeof JejakClient>[0]>) =>
      new JejakClient({ baseUrl: url, token, purpose: 'uji', ...more });
    await expect(asked({ token: 'x' }).stream().next()).rejects.toThrow(
      /^Jejak answered 401; .*; check the token/,
    );
    await expect(
      asked({})
        .events({ types: ['Nothing'] })
        .next(),
    ).rejects.toThrow(/400.*must be types of events/);
    await expect(asked({}).stream({ after: 9_999 }).next()).rejects.toThrow(/409.*put back from a backup/);
    await expect(asked({ purpose: '' }).page()).rejects.toThrow(/400.*X-Purpose/);
    await expect(asked({}).event('00000000-0000-7000-8000-000000000000')).rejects.toThrow(
      /404.*no such event/,
    );
    expect(await asked({}).event((await journal())[0]?.id ?? '')).toEqual((await journal())[0]);
  });

  it('is what the examples follow and mirror by', async () => {
    const subject = await more();
    await server.unit('u7');
    await server.command(`/${subject}/placements`, { unit: 'u7', tmt: '2015-01-01', sk });
    await promote(subject, 'III/b', '2014-04-01');
    await server.record.catchUp();
    const last = (await server.written()) - 1;
    const env = { JEJAK_URL: server.url, JEJAK_TOKEN: token, JEJAK_PURPOSE: 'uji' };
    const [events, mirror] = [join(directory, 'events.ndjson'), join(directory, 'mirror.csv')];
    const examples = [
      new Example('follow-to-file', [events], env),
      new Example('mirror-to-csv', [mirror], env),
    ];
    for (const example of examples) {
      expect(await example.until(new RegExp(`up to ${last}\\b`))).toContain(`up to ${last}`);
      await example.end('SIGKILL');
    }
    expect(readFileSync(events, 'utf8')).toBe(
      (await journal()).map((event) => `${JSON.stringify(event)}\n`).join(''),
    );
    const rows = readFileSync(mirror, 'utf8').trimEnd().split('\n');
    expect(rows).toHaveLength(1 + people);
    expect(rows).toContain(`civilServant-${subject},III/b,2014-04-01,u7,2015-01-01`);
  });
});
