import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { readSettings } from '@app/config';
import { feedPage, type Subscription, Tail } from '@app/delivery';
import { streamOf } from '@app/domain/civil-servant';
import { mintLocalToken } from '@app/people';
import { OpenRecord } from '@app/record';
import Sqlite from 'better-sqlite3';
import { createApp } from '../../apps/server/src/create-app.ts';
import { Deliverer } from '../../apps/server/src/deliverer.ts';
import { Follower } from '../../apps/server/src/follower.ts';
import { aSubscription } from '../delivery/written.ts';
import { atOnce, type Figures, inTemp, peakMiB, rate } from './measure.ts';
import { TODAY } from './rebuild.ts';
import { career, plainEvent, subjectNo } from './sample.ts';

const PER_PERSON = 25;
const PAGE = 1_000;
const ALL = { sees: 'restricted', reads: 'restricted' } as const;
const NEVER = new AbortController().signal;
const MIB = 1_048_576;

const tell = { error: (message: string, cause?: unknown) => process.stderr.write(`${message} ${cause}\n`) };

async function filled(dir: string, events: number): Promise<OpenRecord> {
  const record = await OpenRecord.open(dir, () => TODAY);
  await atOnce(64, Math.ceil(events / PER_PERSON), (n) =>
    record.store.append(streamOf(subjectNo(n)), 'no-stream', career(n)),
  );
  await record.journal.fill();
  return record;
}

/** A program of a few lines in a process of its own, which says one number or more a line. */
function apart(program: string, ...args: string[]): { child: ChildProcess; said: () => Promise<number> } {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return { child, said: async () => Number((await lines.next()).value) };
}

/** Accepts everything, and says its port and then, every 100 ms, how much came. */
const SINK = `
import { createServer } from 'node:http';
let got = 0;
const server = createServer((request, response) => {
  request.resume().on('end', () => { got++; response.end(); });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
setInterval(() => console.log(got), 100);
`;

/** Opens so many streams and reads them; says how many are open, and then the lag of each tenth event, in ms. */
const READERS = `
import { get } from 'node:http';
const [url, token, count] = process.argv.slice(1);
let open = 0;
for (let n = 0; n < Number(count); n++)
  get(url, { headers: { authorization: 'Bearer ' + token, 'x-purpose': 'bench' }, agent: false }, (response) => {
    let rest = '';
    response.setEncoding('utf8');
    response.once('data', () => { if (++open === Number(count)) console.log(open); });
    response.on('data', (text) => {
      rest += text;
      const at = rest.lastIndexOf('\\n\\n');
      if (at < 0) return;
      for (const [, time] of rest.slice(0, at).matchAll(/"recordedtime":"([^"]+)"/g))
        console.log(Date.now() - Date.parse(time));
      rest = rest.slice(at + 2);
    });
  });
`;

async function served(dir: string, record: OpenRecord) {
  const settings = readSettings({ DATA_DIR: dir, NODE_ENV: 'test', RATE_LIMIT: '999999' });
  const app = await createApp(settings, record);
  await app.listen(0, '127.0.0.1');
  const token = await mintLocalToken(dir, { role: 'inspektorat', sub: 'bench' }, 3_600);
  return { app, url: await app.getUrl(), token };
}

/** The feed beside the table read raw, in events and MiB a second. */
export async function deliveryFeed(events: number): Promise<Figures> {
  return inTemp(async (dir) => {
    const record = await filled(dir, events);
    const size = await record.journal.size();
    const raw = new Sqlite(join(dir, 'jejak.db'), { readonly: true });
    const select = raw.prepare(
      'SELECT idx, leaf, leaf_hash FROM journal WHERE idx > ? ORDER BY idx LIMIT 1000',
    );
    let bytes = 0;
    const table = await rate(size, () => {
      for (let after = -1, rows = select.all(after) as { idx: number; leaf: string }[]; rows.length > 0; ) {
        for (const { leaf } of rows) bytes += leaf.length;
        after = rows.at(-1)?.idx ?? after;
        rows = select.all(after) as { idx: number; leaf: string }[];
      }
    });
    raw.close();
    const tail = new Tail(record.journal, 'http://bench/');
    const room = await rate(size, async () => {
      for (let after = -1; after < size - 1; ) {
        const asked = { after, limit: PAGE, waitMs: 0, wanted: {} };
        const page = await feedPage(tail, asked, ALL, NEVER);
        for (const one of page.told) one.text(ALL);
        after = page.next;
      }
    });
    const { app, url, token } = await served(dir, record);
    let sent = 0;
    const http = await rate(size, async () => {
      for (let after = -1; after < size - 1; ) {
        const answer = await fetch(`${url}/v1/events?after=${after}&limit=${PAGE}`, {
          headers: { authorization: `Bearer ${token}`, 'x-purpose': 'bench' },
        });
        sent += (await answer.arrayBuffer()).byteLength;
        after = Number(answer.headers.get('x-next-after'));
      }
    });
    await app.close();
    await record.close();
    return {
      'events/s of the table': table,
      'MiB/s of the table': (table * bytes) / size / MIB,
      'events/s of the feed, without HTTP': room,
      'of the table': room / table,
      'events/s over HTTP': http,
      'MiB/s over HTTP': (http * sent) / size / MIB,
      'over HTTP, of the table': http / table,
      'peak MiB': peakMiB(),
    };
  });
}

const IDLE = 1_000;
const BUSY = 100;
const SECONDS = 10;
const A_SECOND = 50;

/** What idle readers of the stream cost, and how far behind busy ones are. */
export async function deliveryStream(): Promise<Figures> {
  return inTemp(async (dir) => {
    const record = await filled(dir, 1_000);
    const follower = new Follower(record, tell);
    follower.start();
    const { app, url, token } = await served(dir, record);
    const rss = () => {
      globalThis.gc?.();
      return process.memoryUsage.rss();
    };
    const before = rss();
    const last = (await record.journal.size()) - 1;
    const idle = apart(READERS, `${url}/v1/events/stream?after=${last}&types=Awarded`, token, String(IDLE));
    await idle.said();
    await sleep(1_000);
    const kib = (rss() - before) / 1024 / IDLE;
    const busy = apart(READERS, `${url}/v1/events/stream?after=${last}`, token, String(BUSY));
    await busy.said();
    const lags: number[] = [];
    const writing = (async () => {
      for (let n = 0; n < SECONDS * A_SECOND; n++) {
        await record.store.append(`unit-b${n}`, 'no-stream', [plainEvent(n)]);
        await sleep(1_000 / A_SECOND);
      }
    })();
    while (lags.length < BUSY * SECONDS * A_SECOND) lags.push(await busy.said());
    await writing;
    for (const { child } of [idle, busy]) child.kill();
    await app.close();
    await follower.stop();
    await record.close();
    lags.sort((a, b) => a - b);
    return {
      'KiB a reader, of 1,000 that are idle': kib,
      [`ms from append to heard, p50, ${BUSY} readers at ${A_SECOND}/s`]:
        lags[Math.floor(lags.length * 0.5)] ?? 0,
      'the same, p95': lags[Math.floor(lags.length * 0.95)] ?? 0,
    };
  });
}

/** Deliveries a second beside a loop of bare fetches to the same sink; and how long one takes from append on. */
export async function deliveryWebhooks(): Promise<Figures> {
  return inTemp(async (dir) => {
    const record = await filled(dir, 20_000);
    const size = await record.journal.size();
    const sink = apart(SINK);
    const url = `http://127.0.0.1:${await sink.said()}/`;
    const body = 'x'.repeat(1_000);
    const bare = await rate(5_000, () =>
      atOnce(32, 5_000, async () => {
        await (await fetch(url, { method: 'POST', body })).arrayBuffer();
      }),
    );
    await sleep(200);
    const settings = readSettings({ DATA_DIR: dir, NODE_ENV: 'test', WEBHOOK_ALLOW: '127.0.0.0/8' });
    const deliverer = new Deliverer(record, settings, tell);
    for (const id of ['a', 'b'])
      await record.subscriptions.add({ ...aSubscription(id, 'partition'), url } as Subscription);
    const until = async (isSo: () => Promise<boolean>) => {
      while (!(await isSo())) await sleep(20);
    };
    const reached = async (index: number) =>
      (await record.subscriptions.list()).every(({ cursor }) => cursor >= index);
    const delivered = await rate(2 * size, async () => {
      deliverer.start();
      await until(() => reached(size - 1));
    });
    const follower = new Follower(record, tell);
    follower.start();
    for (let n = 0; n < 500; n++) {
      await record.store.append(`unit-w${n}`, 'no-stream', [plainEvent(n)]);
      await sleep(20);
    }
    await until(() => reached(size + 499));
    const attempts = (await record.subscriptions.attempts('a', 500)).map(({ index, at }) => ({ index, at }));
    const rows = await record.journal.rows(size, 500);
    const times = new Map(rows.map(({ index, recordedAt }) => [index, Date.parse(recordedAt)]));
    const lags = attempts.map(({ index, at }) => at - (times.get(index) ?? at)).sort((a, b) => a - b);
    await deliverer.stop();
    await follower.stop();
    await record.close();
    sink.child.kill();
    return {
      'bare fetches/s, 32 at once': bare,
      'deliveries/s, two subscriptions': delivered,
      'of bare': delivered / bare,
      'ms from append to delivered and written down, p50': lags[Math.floor(lags.length * 0.5)] ?? 0,
      'the same, p95': lags[Math.floor(lags.length * 0.95)] ?? 0,
      'peak MiB': peakMiB(),
    };
  });
}
