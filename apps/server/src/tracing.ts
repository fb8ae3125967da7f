import {
  type Attributes,
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { inTime } from './readiness.ts';

/** How long the last spans may take on their way when the server stops, and how long any batch may, in ms. */
const LAST_MOMENT_MS = 2_000;

export type Tracing = { readonly shutdown: () => Promise<void> };

type Where = {
  /** Where the collector listens (OTLP over HTTP), without `/v1/traces`. */
  readonly endpoint: string;
  readonly serviceName: string;
};

/** Sends spans to a collector from now on. Until this is called, nothing of the SDK is loaded, and spans cost nothing. */
export async function startTracing({ endpoint, serviceName }: Where): Promise<Tracing> {
  const [{ BatchSpanProcessor, NodeTracerProvider }, { OTLPTraceExporter }, { resourceFromAttributes }] =
    await Promise.all([
      import('@opentelemetry/sdk-trace-node'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ]);
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: LAST_MOMENT_MS });
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName }),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  provider.register();
  return {
    shutdown: async () => {
      await inTime(provider.shutdown(), LAST_MOMENT_MS).catch(() => undefined);
      for (const api of [trace, context, propagation]) api.disable();
    },
  };
}

const tracer = () => trace.getTracer('jejak');

/** The span of a request, under the one that its `traceparent` names (W3C Trace Context). */
export type RequestSpan = {
  /** Where the spans of what the request does belong. */
  readonly inside: Context;
  /** Undefined: nobody traces. */
  readonly traceId: string | undefined;
  readonly end: (over: { method: string; route: string; status: number }) => void;
};

export function requestSpan(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  requestId: string,
): RequestSpan {
  const above = propagation.extract(ROOT_CONTEXT, headers);
  const span = tracer().startSpan('request', { kind: SpanKind.SERVER }, above);
  return {
    inside: trace.setSpan(above, span),
    traceId: span.isRecording() ? span.spanContext().traceId : undefined,
    end: ({ method, route, status }) => {
      span.updateName(`${method} ${route}`);
      span.setAttributes({
        'http.request.method': method,
        'http.route': route,
        'http.response.status_code': status,
        'jejak.request_id': requestId,
      });
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    },
  };
}

/** Does work inside a context of spans. */
export const inContext = <T>(inside: Context, work: () => T): T => context.with(inside, work);

/** Does work in a span of its own. Of a failure only that it was one: its words may name somebody. */
export function inSpan<T>(
  name: string,
  attributes: Attributes,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  return tracer().startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work(span);
    } catch (cause) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw cause;
    } finally {
      span.end();
    }
  });
}
