/**
 * Receives webhooks, verifies them, and prints each event once. Several secrets, with a space between, while one is changed.
 *   WEBHOOK_SECRET=whsec_… node dist/apps/sdk/examples/verify-webhook.js [port]
 */
import { createServer, type IncomingMessage } from 'node:http';
import { verifyWebhook, WebhookError } from '../src/index.ts';

const secret = (process.env.WEBHOOK_SECRET ?? '').split(' ');
const MOST_BYTES = 262_144;
const MOST_REMEMBERED = 10_000;

/** The body as it came: what is parsed and written again has another signature. */
async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Error('the body is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A webhook comes again where our answer was lost; a receiver with a database keeps the ids there, with what it did. */
const seen = new Set<string>();
function isNew(id: string): boolean {
  if (seen.has(id)) return false;
  seen.add(id);
  for (const oldest of seen) if (seen.size > MOST_REMEMBERED) seen.delete(oldest);
  return true;
}

const server = createServer(async (request, response) => {
  try {
    const { id, event } = verifyWebhook({ headers: request.headers, body: await bodyOf(request), secret });
    if (isNew(id)) console.log(JSON.stringify(event));
    response.writeHead(204).end();
  } catch (error) {
    console.error(`refused: ${(error as Error).message}`);
    response.writeHead(error instanceof WebhookError && error.fault === 'secret-unusable' ? 500 : 400).end();
  }
});
server.listen(Number(process.argv[2] ?? 8080), '127.0.0.1', () => {
  const address = server.address();
  console.error(`listening on http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`);
});
