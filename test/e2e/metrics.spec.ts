import { afterEach, describe, expect, it } from '@jest/globals';
import { type AppOptions } from '../../apps/server/src/create-app.ts';
import { databaseCheck } from '../../apps/server/src/readiness.ts';

import { ID, NIP, Service, stopAll } from './service.ts';

afterEach(stopAll);

describe('the metrics', () => {
  const token = 'a-token-of-the-scraper';

  it('are for whoever has their token, and nobody else, from this machine or not', async () => {
    const service = await Service.start({ METRICS_TOKEN: token });
    for (const authorization of [
      `Bearer ${service.token}`,
      'Bearer x',
      '',
      `Basic ${token}`,
      `Bearer ${token}x`,
    ])
      expect((await service.ask('GET', '/metrics', { authorization })).status).toBe(401);
    const { status, headers } = await service.ask('GET', '/metrics', { authorization: `Bearer ${token}` });
    expect([status, headers.get('content-type')]).toEqual([200, expect.stringMatching(/^text\/plain/)]);
    expect((await service.ask('GET', '/v1/units', { authorization: `Bearer ${token}` })).status).toBe(401);
  });

  it('are closed where no token is set', async () => {
    const service = await Service.start();
    for (const authorization of ['', 'Bearer undefined', `Bearer ${service.token}`])
      expect((await service.ask('GET', '/metrics', { authorization })).status).toBe(401);
  });

  it('count requests by template, and have no id and nobody’s particulars among their labels', async () => {
    const service = await Service.start({ METRICS_TOKEN: token });
    const answers = [
      await service.register(),
      await service.ask('GET', `/v1/civil-servants/${ID}`),
      await service.ask('GET', `/v1/civil-servants/${NIP}`),
      await service.ask('GET', `/nowhere/${NIP}`),
      await service.ask('GET', `/elsewhere/${ID}`),
    ];
    for (const { headers } of answers) await service.line(headers.get('x-request-id'));
    const { text } = await service.ask('GET', '/metrics', { authorization: `Bearer ${token}` });
    const counted = (labels: string) =>
      Number(text.split(`http_request_duration_seconds_count{${labels}} `)[1]?.split('\n')[0]);
    expect(counted('method="POST",route="/v1/civil-servants",status="201"')).toBe(1);
    expect(counted('method="GET",route="/v1/civil-servants/:subject",status="404"')).toBe(2);
    expect(counted('method="GET",route="unmatched",status="404"')).toBe(2);
    expect(text).toContain('nodejs_eventloop_lag_seconds');
    // Without the values, in which any digits may come together.
    expect(text.replaceAll(/ \S+$/gm, '')).not.toMatch(/1985|Rekaan|0b9d6a52/);
  });
});

describe('the open doors', () => {
  it('name each part, and tell the asker that one is away but not why', async () => {
    let away = false;
    const redis = {
      name: 'redis',
      optional: true as const,
      isOk: async () => {
        if (away) throw new Error('connect ECONNREFUSED redis.internal:6379');
        return true;
      },
    };
    const checks: AppOptions['checks'] = [redis];
    const service = await Service.start({}, { checks });
    const names = ['store', 'journal', 'views', 'redis'];
    const first = await service.ask('GET', '/readyz');
    expect([first.status, JSON.parse(first.text)]).toEqual([
      200,
      { status: 'ready', checks: names.map((name) => ({ name, ok: true })) },
    ]);
    away = true;
    await service.record.store.close();
    for (const _ of [1, 2, 3]) {
      const { status, text } = await service.ask('GET', '/readyz');
      expect(status).toBe(503);
      expect(JSON.parse(text)).toEqual({
        status: 'not-ready',
        checks: names.map((name) => ({ name, ok: name !== 'store' && name !== 'redis' })),
      });
    }
    const told = service.lines.filter(({ context }) => context === 'Readiness');
    expect(told.map(({ msg }) => msg).sort()).toEqual(['redis is not there', 'store is not there']);
    expect((await service.ask('GET', '/livez')).status).toBe(200);
  });

  it('tell the database from what is in it', async () => {
    const service = await Service.start();
    const check = databaseCheck(service.record);
    expect([check.name, await check.isOk()]).toEqual(['database', true]);
  });
});
