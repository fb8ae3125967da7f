import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server as HttpServer } from 'node:http';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { measured } from '../../apps/server/src/metrics.ts';
import { inSpan, startTracing } from '../../apps/server/src/tracing.ts';

import { type Line, NAME, NIP, Service, stopAll } from './service.ts';

const DIST = resolve(import.meta.dirname, '../../dist/apps/server/src');

afterEach(stopAll);

/** A collector of spans on this machine. */
class Collector {
  readonly spans: Line[] = [];
  readonly paths = new Set<string | undefined>();
  text = '';
  readonly server: HttpServer = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const text = Buffer.concat(parts).toString();
      this.text += text;
      this.paths.add(request.url);
      for (const { scopeSpans } of JSON.parse(text).resourceSpans)
        for (const { spans } of scopeSpans) this.spans.push(...spans);
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });

  async start(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as { port: number }).port}`;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}

describe('the traces', () => {
  it('go on from the asker’s, through the command, to the append, and name nobody', async () => {
    const collector = new Collector();
    const tracing = await startTracing({ endpoint: await collector.start(), serviceName: 'jejak-test' });
    try {
      const service = await Service.start();
      const store = measured(service.record.store, service.metrics);
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      const { headers } = await service.register({ traceparent });
      const line = await service.line(headers.get('x-request-id'));
      expect(line.traceId).toBe('0af7651916cd43dd8448eb211c80319c');
      await service.ask('POST', `/trial/failing/${NIP}`, {}, JSON.stringify({ nip: NIP, name: NAME }));
      await store.append('unit-a', 'no-stream', []);
    } finally {
      await tracing.shutdown();
      await collector.stop();
    }
    const named = (name: string) => collector.spans.find((span) => span.name === name);
    const [request, command] = [named('POST /v1/civil-servants'), named('Register')];
    expect(request).toMatchObject({
      kind: 2,
      traceId: '0af7651916cd43dd8448eb211c80319c',
      parentSpanId: 'b7ad6b7169203331',
    });
    expect(command).toMatchObject({ traceId: request?.traceId, parentSpanId: request?.spanId });
    expect(named('POST /trial/failing/:subject')).toMatchObject({ status: { code: 2 } });
    expect(named('append')).toBeDefined();
    expect([...collector.paths]).toEqual(['/v1/traces']);
    expect(collector.text).toContain('jejak-test');
    expect(collector.text).not.toMatch(/1985|Rekaan/);
  });

  it('keep nobody waiting when the collector does not answer', async () => {
    const deaf = createServer(() => undefined);
    deaf.listen(0, '127.0.0.1');
    await once(deaf, 'listening');
    const endpoint = `http://127.0.0.1:${(deaf.address() as { port: number }).port}/`;
    try {
      const tracing = await startTracing({ endpoint, serviceName: 'jejak-test' });
      await inSpan('append', {}, async () => undefined);
      const began = performance.now();
      await tracing.shutdown();
      expect(performance.now() - began).toBeLessThan(4_000);
    } finally {
      deaf.closeAllConnections();
      deaf.close();
    }
  });

  it('load nothing of the SDK where nobody wants them', () => {
    const look = `
      await import(${JSON.stringify(join(DIST, 'create-app.js'))});
      const { startTracing } = await import(${JSON.stringify(join(DIST, 'tracing.js'))});
      const { createRequire } = await import('node:module');
      const loaded = () => Object.keys(createRequire(import.meta.url).cache).filter((path) => /sdk-trace/.test(path)).length;
      const before = loaded();
      const tracing = await startTracing({ endpoint: 'http://127.0.0.1:9', serviceName: 'x' });
      console.log(JSON.stringify({ before, after: loaded() > 0 }));
      await tracing.shutdown();`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', look], {
      encoding: 'utf8',
    });
    expect([stderr, stdout.trim()]).toEqual(['', '{"before":0,"after":true}']);
  });
});
