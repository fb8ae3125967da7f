import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { registration } from './server.ts';

import { askedByHand, connected, ID, NAME, NIP, Service, stopAll, UUID_V7, until } from './service.ts';

afterEach(stopAll);

describe('the log of requests', () => {
  it('has one line for each, with its template, status, time and ids', async () => {
    const service = await Service.start();
    const { headers } = await service.register({ 'x-correlation-id': ID });
    const requestId = headers.get('x-request-id');
    expect(requestId).toMatch(UUID_V7);
    expect(await service.line(requestId)).toEqual({
      time: expect.any(String),
      level: 'info',
      context: 'Request',
      msg: 'request',
      requestId,
      correlationId: ID,
      commandId: expect.stringMatching(UUID_V7),
      method: 'POST',
      route: '/v1/civil-servants',
      status: 201,
      ms: expect.any(Number),
    });
    const about = await service.ask('GET', `/v1/civil-servants/${ID}?effectiveOn=2024-01-01`);
    expect(await service.line(about.headers.get('x-request-id'))).toMatchObject({
      route: '/v1/civil-servants/:subject',
      status: 404,
    });
    const probe = await service.ask('GET', '/livez');
    expect(await service.line(probe.headers.get('x-request-id'))).toMatchObject({ level: 'debug' });
    expect(service.lines.filter(({ msg }) => msg === 'request')).toHaveLength(3);
  });

  it('knows the command of a request whose body was long in coming', async () => {
    const service = await Service.start();
    const { socket, heard } = connected(service);
    const body = JSON.stringify(registration(1));
    socket.write(
      `POST /v1/civil-servants HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${service.token}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    for (const part of [body.slice(0, 10), body.slice(10)]) {
      await wait(100);
      socket.write(part);
    }
    await until(() => heard() !== '');
    const requestId = /x-request-id: (\S+)/.exec(heard())?.[1] ?? '';
    expect(await service.line(requestId)).toMatchObject({ status: 201, commandId: expect.any(String) });
    socket.destroy();
  });

  it('ties what is written below a door to the request', async () => {
    const service = await Service.start();
    const body = JSON.stringify({ nip: NIP, name: NAME });
    const [first, second] = await Promise.all(
      [1, 2].map(() => service.ask('POST', `/trial/failing/${ID}`, { 'x-correlation-id': ID }, body)),
    );
    expect([first?.status, second?.status]).toEqual([500, 500]);
    for (const { headers } of [first, second] as { headers: Headers }[]) {
      const requestId = headers.get('x-request-id');
      await service.line(requestId);
      const [failure, ...more] = service.lines.filter(
        (line) => line.requestId === requestId && line.level === 'error',
      );
      expect(more).toEqual([]);
      expect(failure).toMatchObject({ correlationId: ID, err: { type: 'QueryFailedError' } });
      expect(failure?.err).toMatchObject({ stack: expect.stringMatching(/^at .*QueryRunner/) });
    }
  });

  it('tells nobody’s particulars and no token, whatever goes wrong', async () => {
    const service = await Service.start();
    const person = JSON.stringify(registration(1));
    const secrets = { 'x-nip': NIP, cookie: `session=${NIP}` };
    const answers = [
      await service.register(),
      await service.ask('POST', '/v1/civil-servants', secrets, person.slice(0, -2)),
      await service.ask('POST', '/v1/civil-servants', secrets, person.replace('pns', NAME)),
      await service.ask('POST', '/v1/civil-servants', secrets, person.replace('2010-01-01', '1980-01-01')),
      await service.ask('POST', '/v1/civil-servants/lookup', secrets, JSON.stringify({ nip: NIP })),
      await service.ask('POST', '/v1/civil-servants', { 'x-correlation-id': NIP }, person),
      await service.ask('POST', '/v1/civil-servants', { 'idempotency-key': `a ${NIP}` }, person),
      await service.ask('POST', '/v1/civil-servants', { authorization: `Bearer ${NIP}` }, person),
      await service.ask('POST', '/v1/civil-servants', { 'content-type': NIP }, person),
      await service.ask('GET', `/v1/nobody/${NIP}?name=${encodeURIComponent(NAME)}`),
      await service.ask('GET', `/v1/civil-servants/${NIP}?nip=${NIP}`),
      await service.ask('GET', `/v1/%zz/${NIP}`),
      await service.ask('POST', `/trial/failing/${NIP}`, secrets, JSON.stringify({ nip: NIP, name: NAME })),
    ];
    expect(answers.map(({ status }) => status)).toEqual([
      201, 400, 400, 422, 200, 400, 400, 401, 415, 404, 404, 400, 500,
    ]);
    for (const { headers } of answers) {
      expect(headers.get('x-request-id')).toMatch(UUID_V7);
      await service.line(headers.get('x-request-id'));
    }
    await service.record.store.close();
    expect((await service.register()).status).toBe(503);
    expect((await service.ask('GET', '/readyz')).status).toBe(503);
    const text = JSON.stringify(service.lines);
    expect(text.match(/QueryFailedError|StoreUnavailable/g)).toHaveLength(3);
    expect(text).not.toMatch(/1985|Rekaan/);
    for (const part of service.token.split('.')) expect(text).not.toContain(part);
  });

  it('says of an asker who left before the end that it was so', async () => {
    const service = await Service.start();
    const { socket } = askedByHand(service, '/trial/slow');
    await wait(200);
    socket.destroy();
    await until(() => service.lines.some(({ aborted }) => aborted));
    expect(service.lines).toContainEqual(
      expect.objectContaining({ route: '/trial/slow', status: 499, aborted: true }),
    );
  });
});
