import { createHash, timingSafeEqual } from 'node:crypto';
import type { LedgerSettings } from '@app/config';
import { covers } from '@app/domain/classification';
import { logKeys, policyOf, policyText } from '@app/ledger';
import { entryBundle, parseTilePath, TILE_WIDTH } from '@app/proof';
import type { OpenRecord } from '@app/record';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticate } from './auth.ts';
import { notFound, Problem } from './problem.ts';

const PREFIX = '/log';
/** Who reads the log's files with a token of their own; its leaves hold no direct identifier of a person. */
const READERS = ['inspektorat', 'bkpsdm', 'integrator'] as const;
const FOREVER = 'max-age=31536000, immutable';
const SECONDS = 'max-age=1';

/** Whether a route is one of the log's files, which see for themselves to who reads them. */
export const isLogFile = (path: string): boolean => path.startsWith(`${PREFIX}/`);

/**
 * The log as files, for anyone's tools (C2SP tlog-tiles): checkpoint, tiles, entry bundles, and beside them its keys and
 * its policy. Read by the roles that read everything, by who bears the token of the settings (a witness, a mirror), and
 * by anybody where the settings say that the log is public.
 */
export function serveLog(
  fastify: FastifyInstance,
  record: OpenRecord,
  settings: LedgerSettings,
  who: Authenticate,
): void {
  const scope = settings.isPublic ? 'public' : 'private';
  const file = (path: string, answer: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>) =>
    fastify.get(`${PREFIX}/${path}`, async (request, reply) => {
      await allow(request, settings, who);
      return answer(request, reply);
    });
  const text = (reply: FastifyReply, body: string) =>
    reply.type('text/plain; charset=utf-8').header('cache-control', `${scope}, ${SECONDS}`).send(body);

  file('checkpoint', async (_, reply) => {
    const newest = await record.checkpoints.current();
    if (!newest) throw notFound('no checkpoint was signed yet');
    return text(reply, newest.note);
  });
  file('keys', async (_, reply) =>
    text(
      reply,
      (await logKeys(record.journal))
        .map(({ vkey, signs }) => `${vkey}${signs ? '' : ' retired'}\n`)
        .join(''),
    ),
  );
  file('policy', async (_, reply) =>
    text(reply, (await policyOf(record.journal, policyText(settings))).text),
  );
  file('tile/*', async (request, reply) => {
    const bytes = await tileBytes(record, `tile/${(request.params as Record<string, string>)['*'] ?? ''}`);
    if (!bytes) throw notFound('the log has no such tile (yet)');
    return reply.type('application/octet-stream').header('cache-control', `${scope}, ${FOREVER}`).send(bytes);
  });
}

/** The bytes of a tile, of hashes or of entries; undefined: there is none, or it is not so wide. */
async function tileBytes(record: OpenRecord, path: string): Promise<Buffer | undefined> {
  const tile = parseTilePath(path);
  if (!tile) return undefined;
  if (tile.level !== 'entries') return record.tree.tile(tile.level, tile.index, tile.width);
  const first = Number(tile.index) * TILE_WIDTH;
  if (!Number.isSafeInteger(first)) return undefined;
  const rows = await record.journal.read({
    after: first - 1,
    upTo: first + tile.width - 1,
    limit: tile.width,
  });
  return rows.length === tile.width ? entryBundle(rows.map(({ leaf }) => leaf)) : undefined;
}

async function allow(
  { headers: { authorization }, params }: FastifyRequest,
  { isPublic, readToken }: LedgerSettings,
  who: Authenticate,
): Promise<void> {
  if (isPublic) return;
  const sent = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  if (readToken !== undefined && sent !== undefined && isSame(sent, readToken)) return;
  const { roles, clearance } = await who(authorization);
  if (!READERS.some((role) => roles.includes(role)))
    throw new Problem(403, {
      detail: `this needs the role ${READERS.join(' or ')}, or the token of the log`,
    });
  if (isEntries(params) && clearance && !covers(clearance.reads, 'restricted'))
    throw new Problem(403, {
      detail: `these are events whole, of every class, and this key reads up to ${clearance.reads}; the hashes are open to it`,
    });
}

const isEntries = (params: unknown): boolean =>
  ((params as Record<string, string | undefined>)['*'] ?? '').startsWith('entries');

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
/** Takes as long for a guess that is nearly right. */
const isSame = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));
