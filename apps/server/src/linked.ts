import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';

/** Puts the address of the next page into the `Link` header (RFC 8288). */
export class Linked implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const { url } = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    return next.handle().pipe(
      map((answer) => {
        const cursor = (answer as { next?: unknown } | undefined)?.next;
        if (typeof cursor === 'string') void reply.header('link', `<${withCursor(url, cursor)}>; rel="next"`);
        return answer;
      }),
    );
  }
}

function withCursor(url: string, cursor: string): string {
  const [path, query] = url.split('?');
  const asked = new URLSearchParams(query);
  for (const time of ['effectiveOn', 'knownAt']) asked.delete(time);
  asked.set('cursor', cursor);
  return `${path}?${asked}`;
}
