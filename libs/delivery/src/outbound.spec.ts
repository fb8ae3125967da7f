import { getEventListeners, getMaxListeners, once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Outbound, type Posting, type Resolve } from './outbound.ts';
import { sinkPolicy } from './sink.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

type Heard = {
  readonly method: string;
  readonly path: string;
  readonly headers: object;
  readonly body: Buffer;
};
type Sink = { readonly port: number; readonly heard: Heard[]; readonly sockets: Set<Socket> };

/** A server that keeps what it hears, on a port of its own. */
async function sink(answer: RequestListener, host = '127.0.0.1', port = 0): Promise<Sink> {
  const heard: Heard[] = [];
  const server = createServer(async (request, response) => {
    const { method = '', url: path = '', headers } = request;
    heard.push({ method, path, headers, body: await bodyOf(request) });
    answer(request, response);
  });
  return { ...(await listening(server, host, port)), heard };
}

const bodyOf = async (request: IncomingMessage): Promise<Buffer> =>
  Buffer.concat((await request.toArray()) as Buffer[]);

async function listening(server: Server | ReturnType<typeof createTcpServer>, host = '127.0.0.1', port = 0) {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => undefined)));
  server.listen(port, host);
  await once(server, 'listening');
  ends.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, sockets };
}

/** A server that says something to whoever connects, byte by byte as it likes. */
const rawSink = (talk: (socket: Socket) => void) => listening(createTcpServer(talk));

const LOOPBACK = ['127.0.0.1/32'];
function outbound(options: { allow?: string[]; resolve?: Resolve; timeoutMs?: number } = {}): Outbound {
  const { allow = LOOPBACK, ...others } = options;
  const out = new Outbound(sinkPolicy(allow), { timeoutMs: 5_000, ...others });
  ends.push(() => out.close());
  return out;
}
const posting = (url: string, other: Partial<Posting> = {}): Posting => ({
  url,
  headers: { 'webhook-id': 'e1' },
  body: Buffer.from('{"a":1}'),
  ...other,
});
const to = (port: number, other: Partial<Posting> = {}) =>
  posting(`http://127.0.0.1:${port}/hooks?b=c`, other);
const ok: RequestListener = (_, response) => response.end('taken');

describe('a webhook that is posted', () => {
  it('arrives as its very bytes, with its headers and ours', async () => {
    const { port, heard } = await sink((_, response) => response.writeHead(202).end('taken'));
    const body = Buffer.from([0x7b, 0x00, 0xff, 0xfe, 0x7d]);
    const headers = {
      'webhook-id': 'e1',
      host: 'elsewhere',
      'content-type': 'text/plain',
      'Content-Length': '1',
      'user-agent': 'x',
    };
    const said = await outbound().post(to(port, { body, headers }));
    expect(said).toEqual({ status: 202, head: 'taken', ms: expect.any(Number) });
    expect(heard).toEqual([
      {
        method: 'POST',
        path: '/hooks?b=c',
        body,
        headers: {
          'webhook-id': 'e1',
          host: `127.0.0.1:${port}`,
          'content-type': 'application/cloudevents+json',
          'content-length': '5',
          'user-agent': 'Jejak-Webhooks/1',
          connection: 'keep-alive',
        },
      },
    ]);
  });

  it('goes over one connection after another', async () => {
    const { port, heard, sockets } = await sink(ok);
    const out = outbound();
    for (let time = 0; time < 5; time++) expect(await out.post(to(port))).toMatchObject({ status: 200 });
    expect([heard.length, sockets.size]).toEqual([5, 1]);
  });

  it('takes another connection where the other side has closed the one kept alive', async () => {
    const { port, heard, sockets } = await sink(ok);
    const out = outbound();
    expect(await out.post(to(port))).toMatchObject({ status: 200 });
    for (const socket of sockets) socket.resetAndDestroy();
    expect(await out.post(to(port))).toMatchObject({ status: 200 });
    expect([heard.length, sockets.size]).toEqual([2, 2]);
  });

  it('is not sent twice where a connection kept alive is cut off in the midst of an answer', async () => {
    const { port, heard } = await sink((_, response) => {
      if (heard.length === 1) response.end('taken');
      else
        response
          .writeHead(200, { 'content-length': 9 })
          .write('tak', () => response.socket?.resetAndDestroy());
    });
    const out = outbound();
    expect(await out.post(to(port))).toMatchObject({ status: 200 });
    expect(await out.post(to(port))).toMatchObject({
      fault: 'connect',
      detail: expect.stringMatching(/cut off/),
    });
    expect(heard).toHaveLength(2);
  });

  it.each([301, 302, 303, 307, 308])('is not sent on by a redirect (%i)', async (status) => {
    const { port, heard } = await sink((_, response) =>
      response.writeHead(status, { location: `http://127.0.0.1:${port}/elsewhere` }).end(),
    );
    expect(await outbound().post(to(port))).toMatchObject({ status, head: '' });
    expect(heard.map(({ path }) => path)).toEqual(['/hooks?b=c']);
  });

  it.each([204, 400, 410, 429, 500, 503])(
    'has the status and Retry-After of its answer (%i)',
    async (status) => {
      const { port } = await sink((_, response) =>
        response.writeHead(status, { 'retry-after': '120' }).end(),
      );
      expect(await outbound().post(to(port))).toMatchObject({ status, retryAfter: '120' });
    },
  );

  it('has no longer Retry-After than one that means something', async () => {
    const { port } = await sink((_, response) =>
      response.writeHead(503, { 'retry-after': '1'.repeat(999) }).end(),
    );
    expect(await outbound().post(to(port))).toMatchObject({ retryAfter: '1'.repeat(64) });
  });

  it('has the first 1,024 bytes of its answer as text that can be shown', async () => {
    const { port } = await sink(({ url }, response) => {
      if (url === '/long') response.end(`${'a'.repeat(1_023)}éb`);
      else if (url === '/parts')
        response.write('a'.repeat(1_000), () => setImmediate(() => response.end('b'.repeat(1_000))));
      else response.end(Buffer.from('good\r\n\tis\u0000\u001b[31m\u202e\u00ff\r.', 'latin1'));
    });
    const at = (path: string) => outbound().post(posting(`http://127.0.0.1:${port}${path}`));
    expect(await at('/long')).toMatchObject({ head: 'a'.repeat(1_023) });
    expect(await at('/parts')).toMatchObject({ head: 'a'.repeat(1_000) + 'b'.repeat(24) });
    expect(await at('/')).toMatchObject({ head: 'good\n\tis\ufffd\ufffd[31m.\ufffd\ufffd.' });
  });

  it('reads no more than 64 kB of an answer that does not end', async () => {
    let written = 0;
    const { port, sockets } = await sink((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384, 'a'))) written += 16_384;
      };
      response.on('drain', more);
      more();
    });
    const said = await outbound().post(to(port));
    expect(said).toMatchObject({ status: 200, head: 'a'.repeat(1_024) });
    const [socket] = sockets;
    if (socket && !socket.destroyed) await new Promise((closed) => socket.once('close', closed));
    expect(socket?.destroyed).toBe(true);
    expect(written).toBeLessThan(64 * 2 ** 20);
  });

  it('may be one of many that one signal gives up, and lets go of the signal', async () => {
    const { port } = await sink(ok);
    const [out, { signal }] = [outbound(), new AbortController()];
    const all = Array.from({ length: 30 }, () => out.post(to(port, { signal })));
    expect(getEventListeners(signal, 'abort')).toHaveLength(30);
    expect(getMaxListeners(signal)).toBeGreaterThan(30);
    for (const said of await Promise.all(all)) expect(said).toMatchObject({ status: 200 });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('throws at what no request can be made of, and not at what a sink does', async () => {
    const { port } = await sink(ok);
    await expect(outbound().post(to(port, { headers: { 'webhook-id': 'a\nb' } }))).rejects.toThrow(/Invalid/);
  });
});

describe('a sink that does not answer as it should', () => {
  it('with nobody there', async () => {
    const { port } = await listening(createTcpServer());
    await ends.pop()?.();
    const said = await outbound().post(to(port));
    expect(said).toEqual({
      fault: 'connect',
      detail: expect.stringMatching(/no connection/),
      ms: expect.any(Number),
    });
    expect(JSON.stringify(said)).not.toMatch(/127\.0|ECONN/);
  });

  const late = /did not answer within 0.3 s/;
  it.each<[string, (socket: Socket) => void]>([
    ['that is silent', () => undefined],
    ['whose headers drip', (socket) => drip(socket, 'HTTP/1.1 200 OK\r\nx-a: b')],
    ['whose body drips', (socket) => drip(socket, 'HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n')],
    ['that has more to say for ever', (socket) => drip(socket, '', 'HTTP/1.1 100 Continue\r\n\r\n')],
  ])('%s is given up when the time is over', async (_, talk) => {
    const { port } = await rawSink(talk);
    expect(await outbound({ timeoutMs: 300 }).post(to(port))).toMatchObject({
      fault: 'timeout',
      detail: expect.stringMatching(late),
    });
  });

  it.each<[string, string | undefined, RegExp]>([
    ['that hangs up', undefined, /cut off/],
    ['that hangs up in the midst', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\ntak', /cut off/],
    ['that does not speak HTTP', '220 mail.example ESMTP\r\n', /HPE_/],
    ['that has two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab', /HPE_/],
    ['that has headers without end', `HTTP/1.1 200 OK\r\nx-a: ${'b'.repeat(70_000)}\r\n\r\n`, /too long/],
  ])('%s is told of as that', async (_, text, detail) => {
    const { port } = await rawSink((socket) => socket.once('data', () => socket.end(text ?? '')));
    const said = await outbound().post(to(port));
    expect(said).toMatchObject({ fault: 'connect', detail: expect.stringMatching(detail) });
  });

  it('is not spoken to in another protocol', async () => {
    const { port } = await rawSink((socket) => {
      socket.once('data', () =>
        socket.end('HTTP/1.1 101 Switching Protocols\r\nupgrade: a\r\nconnection: upgrade\r\n\r\n'),
      );
    });
    expect(await outbound().post(to(port))).toMatchObject({ status: 101, head: '' });
  });

  it('is given up when the sender says so, while it is asked and before', async () => {
    const { port, heard, sockets } = await sink((_, response) =>
      heard.length === 1 ? stop.abort() : response.end(),
    );
    const stop = new AbortController();
    expect(await outbound().post(to(port, { signal: stop.signal }))).toMatchObject({ fault: 'aborted' });
    expect(await outbound().post(to(port, { signal: stop.signal }))).toMatchObject({ fault: 'aborted' });
    expect(await outbound().post(to(port))).toMatchObject({ status: 200 });
    // For the one in the middle no connection was made.
    expect([heard.length, sockets.size]).toEqual([2, 2]);
  });
});

function drip(socket: Socket, begin: string, drop = 'a'): void {
  socket.write(begin);
  const timer = setInterval(() => socket.write(drop), 20);
  socket.on('close', () => clearInterval(timer));
}

describe('the guard against requests to the network inside', () => {
  const named = (port: number) => posting(`http://payroll.test:${port}/`);

  it('connects to the address that it judged, with the name in Host', async () => {
    const { port, heard } = await sink(ok);
    const asked: string[] = [];
    const resolve: Resolve = async (host) => {
      asked.push(host);
      return ['127.0.0.1'];
    };
    const out = outbound({ resolve });
    for (let time = 0; time < 2; time++) expect(await out.post(named(port))).toMatchObject({ status: 200 });
    expect(heard.map(({ headers }) => headers)).toEqual(
      Array(2).fill(expect.objectContaining({ host: `payroll.test:${port}` })),
    );
    expect(asked).toEqual(['payroll.test', 'payroll.test']);
  });

  it('judges anew at each attempt, and does not go where the name has moved to', async () => {
    const good = await sink(ok);
    const inside = await sink(ok, '127.0.0.2', good.port);
    const answers = [['127.0.0.1'], ['127.0.0.2'], ['127.0.0.1']];
    const out = outbound({ resolve: async () => answers.shift() ?? [] });
    expect(await out.post(named(good.port))).toMatchObject({ status: 200 });
    const refused = await out.post(named(good.port));
    expect(refused).toMatchObject({
      fault: 'refused-address',
      detail: expect.stringMatching(/not of the public/),
    });
    expect(JSON.stringify(refused)).not.toContain('127.');
    expect(await out.post(named(good.port))).toMatchObject({ status: 200 });
    expect([good.heard.length, inside.heard.length, inside.sockets.size]).toEqual([2, 0, 0]);
  });

  it('does not send by a connection kept alive for where the name led before', async () => {
    const before = await sink(ok);
    const after = await sink(ok, '127.0.0.2', before.port);
    const answers = [['127.0.0.1'], ['127.0.0.2']];
    const out = outbound({ allow: ['127.0.0.0/8'], resolve: async () => answers.shift() ?? [] });
    for (let time = 0; time < 2; time++) await out.post(named(before.port));
    expect([before.heard.length, after.heard.length]).toEqual([1, 1]);
  });

  it.each([
    [['127.0.0.1', '127.0.0.2']],
    [['127.0.0.2', '127.0.0.1']],
    [['127.0.0.1', '::1']],
    [['127.0.0.1', '::ffff:127.0.0.1']],
    [['127.0.0.1', '8.8.8.8']],
    [['127.0.0.1', 'payroll.test']],
    [['127.0.0.1', '']],
  ])('refuses a name with one bad address among good ones: %j', async (addresses) => {
    const { port, sockets } = await sink(ok);
    const said = await outbound({ resolve: async () => addresses }).post(named(port));
    expect(said).toMatchObject({ fault: 'refused-address' });
    expect(sockets.size).toBe(0);
  });

  it.each([
    ['localhost', '127.0.0.1'],
    ['LOCALHOST', '127.0.0.1'],
    ['localhost.', '127.0.0.1'],
    ['hooks.localhost', '::1'],
    ['metadata.google.internal', '169.254.169.254'],
    ['127.0.0.1.nip.example', '127.0.0.1'],
    ['ｌｏｃａｌｈｏｓｔ', '127.0.0.1'],
    ['postgres', '172.18.0.3'],
    ['redis.default.svc.cluster.local', '10.96.0.12'],
    ['nat64.example', '64:ff9b::a00:1'],
    ['6to4.example', '2002:a00:1::1'],
    ['link.example', 'fe80::1%eth0'],
  ])('refuses %s, which is at %s', async (host, address) => {
    const out = outbound({ allow: [], timeoutMs: 500, resolve: async () => [address] });
    expect(await out.post(posting(`https://${host}/`))).toMatchObject({ fault: 'refused-address' });
  });

  it('refuses by the names that this machine knows itself', async () => {
    const out = new Outbound(sinkPolicy(), { timeoutMs: 2_000 });
    ends.push(() => out.close());
    expect(await out.post(posting('https://localhost/'))).toMatchObject({ fault: 'refused-address' });
  });

  it('judges the URL again too, as the allow list may have changed', async () => {
    const { port, sockets } = await sink(ok);
    const before = [
      `http://127.0.0.1:${port}/`,
      `http://2130706433:${port}/`,
      `http://[::ffff:7f00:1]:${port}/`,
    ];
    const never = [
      `http://user@127.0.0.1:${port}/`,
      `ftp://127.0.0.1:${port}/`,
      `http://127.0.0.1:${port}/#a`,
    ];
    for (const [allow, urls] of [
      [[], before],
      [LOOPBACK, never],
    ] as const)
      for (const url of urls)
        expect([url, await outbound({ allow: [...allow] }).post(posting(url))]).toEqual([
          url,
          expect.objectContaining({ fault: 'refused-address' }),
        ]);
    expect(sockets.size).toBe(0);
  });

  it('takes the next address where no connection can be made to the first', async () => {
    const { port, heard } = await sink(ok, '127.0.0.3');
    const resolve: Resolve = async () => ['127.0.0.2', '127.0.0.3'];
    expect(await outbound({ allow: ['127.0.0.0/8'], resolve }).post(named(port))).toMatchObject({
      status: 200,
    });
    expect(heard).toHaveLength(1);
  });

  it('does not take the next address where the first has heard of it', async () => {
    const first = await rawSink((socket) => socket.once('data', () => socket.destroy()));
    const second = await sink(ok, '127.0.0.2', first.port);
    const resolve: Resolve = async () => ['127.0.0.1', '127.0.0.2'];
    const said = await outbound({ allow: ['127.0.0.0/8'], resolve }).post(named(first.port));
    expect(said).toMatchObject({ fault: 'connect' });
    expect(second.heard).toEqual([]);
  });

  it('tells of a name that leads nowhere, and of one that no answer comes for', async () => {
    const nowhere: Resolve = async () => Promise.reject(new Error('ENOTFOUND 10.0.0.53'));
    const dns = await outbound({ resolve: nowhere }).post(named(80));
    expect(dns).toEqual({
      fault: 'dns',
      detail: expect.stringMatching(/no address/),
      ms: expect.any(Number),
    });
    expect(await outbound({ resolve: async () => [] }).post(named(80))).toMatchObject({ fault: 'dns' });
    const never: Resolve = () => new Promise(() => undefined);
    const out = outbound({ resolve: never, timeoutMs: 50 });
    expect(await out.post(named(80))).toMatchObject({ fault: 'timeout' });
  });
});
