import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';

import { askedByHand, Service, stopAll, until } from './service.ts';

afterEach(stopAll);

describe('a server that is told to stop', () => {
  async function timeToStop(service: Service): Promise<number> {
    const began = performance.now();
    await service.app.close();
    return performance.now() - began;
  }

  it('ends streams that heed it and idle connections at once, in order', async () => {
    const service = await Service.start();
    const stream = askedByHand(service, '/trial/ends');
    const idle = askedByHand(service, '/livez');
    await until(() => stream.heard() !== '' && idle.heard() !== '');
    expect(stream.heard()).toMatch(/200 OK[\s\S]*text\/event-stream/);
    const closed = once(stream.socket, 'close');
    expect(await timeToStop(service)).toBeLessThan(4_000);
    await closed;
    // The last chunk: the stream was ended, not cut.
    expect(stream.heard()).toMatch(/\r\n0\r\n\r\n$/);
    idle.socket.destroy();
  });

  it('finishes an answer that is under way', async () => {
    const service = await Service.start();
    const asked = service.ask('GET', '/trial/slow');
    await wait(100);
    const stopped = service.app.close();
    expect(await asked).toMatchObject({ status: 200, text: '{"done":true}' });
    await stopped;
  });

  it('is gone within ten seconds though a stream never ends', async () => {
    const service = await Service.start();
    const { socket, heard } = askedByHand(service, '/trial/endless');
    await until(() => heard() !== '');
    expect(await timeToStop(service)).toBeLessThan(10_000);
    socket.destroy();
  });
});
