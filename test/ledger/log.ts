import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  consistencyRanges,
  entryBundle,
  formatCheckpoint,
  type Hash,
  hashesAt,
  LOG_KEY,
  leafHash,
  parseTilePath,
  rootOf,
  type Signer,
  signerOf,
  signNote,
  TILE_WIDTH,
  type Tile,
} from '@app/proof';

export const seed = (n: number): Buffer => Buffer.alloc(32, n);

/** A log in memory, with all that its witnesses ask of it. */
export class GivenLog {
  readonly signer: Signer;
  readonly leaves: Buffer[] = [];

  constructor(
    readonly origin = 'sibolga.go.id/log',
    secret: Buffer = seed(1),
  ) {
    this.signer = signerOf(origin, LOG_KEY, secret);
  }

  append(...leaves: readonly (string | Buffer)[]): this {
    this.leaves.push(...leaves.map((leaf) => Buffer.from(leaf as string)));
    return this;
  }

  root(size = this.leaves.length): Hash {
    return rootOf(this.leaves.slice(0, size).map(leafHash));
  }

  text(size = this.leaves.length, root = this.root(size)): string {
    return formatCheckpoint({ origin: this.origin, size: BigInt(size), root });
  }

  /** A signed checkpoint. */
  note(size = this.leaves.length, root = this.root(size)): string {
    return signNote(this.text(size, root), [this.signer]);
  }

  proof(from: number | bigint, size: number | bigint = this.leaves.length): Hash[] {
    return consistencyRanges(BigInt(from), BigInt(size)).map(({ start, end }) =>
      rootOf(this.leaves.slice(Number(start), Number(end)).map(leafHash)),
    );
  }

  /** What stands at the path of a tile; undefined: there is none. */
  tile(path: string): Buffer | undefined {
    const tile = parseTilePath(path);
    return tile && this.#bytes(tile);
  }

  #bytes({ level, index, width }: Tile): Buffer | undefined {
    const span = level === 'entries' ? 1 : TILE_WIDTH ** level;
    const have = hashesAt(level === 'entries' ? 0 : level, BigInt(this.leaves.length));
    const first = Number(index) * TILE_WIDTH;
    if (first + width > have) return undefined;
    if (level === 'entries') return entryBundle(this.leaves.slice(first, first + width));
    const at = (n: number) => rootOf(this.leaves.slice(n * span, (n + 1) * span).map(leafHash));
    return Buffer.concat(Array.from({ length: width }, (_, n) => at(first + n)));
  }
}

/** A server of its own on this machine, and every path it was asked for. */
export type Served = { readonly url: string; readonly asked: string[]; readonly close: () => Promise<void> };

export async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Served> {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** Serves the tiles of a log; `change` may give other bytes for a path, or undefined for none. */
export const serveTiles = (
  log: GivenLog,
  change: (path: string, bytes: Buffer | undefined) => Buffer | undefined = (_, bytes) => bytes,
): Promise<Served> =>
  serve((request, response) => {
    const path = (request.url ?? '').slice(1);
    const bytes = change(path, log.tile(path));
    response.writeHead(bytes ? 200 : 404, { 'Content-Type': 'application/octet-stream' }).end(bytes);
  });
