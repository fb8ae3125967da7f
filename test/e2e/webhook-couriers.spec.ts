import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { OpenRecord } from '@app/record';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Recipient } from '../delivery/recipient.ts';
import { aSubscription, fill } from '../delivery/written.ts';
import { aSchema, hasPostgres, type Place } from '../engines/databases.ts';
import { hasRedis, RedisServer } from '../engines/redis.ts';
import { Process } from './process.ts';

const EVENTS = 3_000;
const ORDERINGS = [
  ['none', 'none'],
  ['partition-1', 'partition'],
  ['partition-2', 'partition'],
  ['total', 'total'],
] as const;

(hasPostgres && hasRedis ? describe : describe.skip)(
  'webhooks, by couriers in processes of their own',
  () => {
    let place: Place;
    let dir: string;
    let record: OpenRecord;
    let redis: RedisServer;
    let recipient: Recipient;
    let sink: Server;
    let origin: string;
    const processes: Process[] = [];
    beforeEach(async () => {
      place = await aSchema();
      dir = mkdtempSync(join(tmpdir(), 'jejak-couriers-'));
      record = await OpenRecord.open({ log: place.where, database: place.where }, () => '2026-03-01');
      redis = await RedisServer.start();
      recipient = new Recipient();
      sink = createServer(async (request, response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const headers = request.headers as Record<string, string>;
        const { status } = await recipient.post({
          url: origin + request.url,
          headers,
          body: Buffer.concat(chunks),
        });
        response.writeHead(status).end();
      });
      await new Promise<void>((listening) => sink.listen(0, '127.0.0.1', listening));
      origin = `http://127.0.0.1:${(sink.address() as AddressInfo).port}`;
    });
    afterEach(async () => {
      await Promise.all(processes.splice(0).map((one) => one.end('SIGKILL')));
      sink.close();
      await record.close();
      await place.remove();
      await redis.remove();
      rmSync(dir, { recursive: true });
    });

    async function courier(): Promise<Process> {
      const one = await Process.start({
        ROLES: 'courier',
        DATA_DIR: dir,
        EVENT_STORE: 'postgres',
        DATABASE_URL: place.where,
        REDIS_URL: redis.url,
        WEBHOOK_ALLOW: '127.0.0.0/8',
      });
      processes.push(one);
      return one;
    }
    const reached = async (count: number) => {
      while (recipient.delivered < count) await wait(20);
    };

    it('lose nothing and overtake nothing, though one is killed, Redis is flushed, and some fail at first', async () => {
      await fill(record.database, EVENTS, 40);
      const failed = new Set<string>();
      recipient.refuses = ({ subscription, index }) => {
        const key = `${subscription} ${index}`;
        if (index % 250 !== 7 || failed.has(key)) return false;
        failed.add(key);
        return true;
      };
      for (const [id, ordering] of ORDERINGS)
        await record.subscriptions.add({ ...aSubscription(id, ordering), url: `${origin}/${id}` });
      const [first] = [await courier(), await courier()];
      await reached(EVENTS / 2);
      expect(await first?.end('SIGKILL')).toBeNull();
      await redis.flush();
      await reached(2 * EVENTS);
      await redis.flush();
      await courier();
      await reached(4 * EVENTS);
      expect(failed.size).toBe(4 * 12);
      expect(recipient.faults).toEqual([]);
      // Of each subscription, at most the round that was under way.
      expect(recipient.repeated).toBeLessThanOrEqual(4 * 256);
    }, 240_000);
  },
);
