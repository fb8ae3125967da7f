import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isUtf8, linesOf } from './lines.ts';
import { LISTS, type ListName } from './lists.ts';

/** A list of a pull. `pulled` is the date in the name of its folder (`pull-2026-01-31`), where it has one. */
export type ListFile = {
  readonly path: string;
  readonly list: ListName;
  readonly pulled: string | undefined;
};

/** What there is to import, each kind in the order it must be read. */
export type Found = {
  readonly exports: readonly string[];
  readonly units: readonly string[];
  readonly lists: readonly ListFile[];
  readonly unknown: readonly string[];
};

/** Finds SIASN's files among files and directories; what was named and holds none that is known is `unknown`. */
export async function discover(paths: readonly string[]): Promise<Found> {
  const files = new Map<string, Kind>();
  const unknown: string[] = [];
  for (const path of paths) {
    const kinds = await kindsAt(path);
    for (const [file, kind] of kinds) files.set(file, kind);
    if (kinds.length === 0) unknown.push(path);
  }
  const of = (kind: Kind) => [...files].flatMap(([file, is]) => (is === kind ? [file] : [])).sort();
  const lists = [...files.values()].flatMap((kind) => (typeof kind === 'string' ? [] : [kind]));
  return { exports: of('export'), units: of('units'), lists: lists.sort(inOrder), unknown };
}

/** What a file is: a list of a pull says which. */
type Kind = 'export' | 'units' | ListFile;

/** The files of SIASN at a path. */
async function kindsAt(path: string): Promise<(readonly [string, Kind])[]> {
  const kinds: (readonly [string, Kind])[] = [];
  for (const file of await filesAt(path)) {
    const kind = listOf(file) ?? (isUnits(file) ? 'units' : undefined);
    if (kind) kinds.push([file, kind]);
    else if (await isAsnExport(file)) kinds.push([file, 'export']);
  }
  return kinds;
}

const isUnits = (path: string): boolean => /^ref-unor.*\.json$/i.test(basename(path));

/** The files at a path, which is one of them or a directory. */
async function filesAt(path: string): Promise<string[]> {
  const there = await stat(path).catch(() => undefined);
  if (!there?.isDirectory()) return [path];
  const found: string[] = [];
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const inside = join(path, entry.name);
    if (entry.isFile()) found.push(inside);
    else if (entry.isDirectory() && /^pull-/.test(entry.name))
      for (const name of await readdir(inside)) found.push(join(inside, name));
  }
  return found;
}

function listOf(path: string): ListFile | undefined {
  const [, name] = /^(rw-[a-z0-9]+)\.ndjson$/i.exec(basename(path)) ?? [];
  const list = LISTS.find((known) => known === name?.toLowerCase());
  const [, pulled] = /^pull-(\d{4}-\d{2}-\d{2})/.exec(basename(dirname(path))) ?? [];
  return list && { path, list, pulled };
}

/** Pull after pull, and in a pull the lists in the order of `LISTS`. A file without a date is the newest. */
function inOrder(a: ListFile, b: ListFile): number {
  const [first, second] = [a.pulled ?? '9999', b.pulled ?? '9999'];
  if (first !== second) return first < second ? -1 : 1;
  return LISTS.indexOf(a.list) - LISTS.indexOf(b.list) || (a.path < b.path ? -1 : 1);
}

/** A CSV with the columns that name a person; one that cannot be read as text is taken for one, to be refused. */
async function isAsnExport(path: string): Promise<boolean> {
  if (!/\.csv$/i.test(path)) return false;
  if (!(await isUtf8(path).catch(() => false))) return true;
  for await (const { text } of linesOf(path))
    return /PNS ID/i.test(text ?? '') && /NIP BARU/i.test(text ?? '');
  return false;
}
