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

/** Finds SIASN's files among files and directories; files named but not known are `unknown`. */
export async function discover(paths: readonly string[]): Promise<Found> {
  const exports: string[] = [];
  const units: string[] = [];
  const lists: ListFile[] = [];
  const unknown: string[] = [];
  const found = (await Promise.all(paths.map(filesAt))).flat();
  for (const [file, named] of new Map(found)) {
    const list = listOf(file);
    if (list) lists.push(list);
    else if (isUnits(file)) units.push(file);
    else if (await isAsnExport(file)) exports.push(file);
    else if (named) unknown.push(file);
  }
  return { exports: exports.sort(), units: units.sort(), lists: lists.sort(inOrder), unknown };
}

const isUnits = (path: string): boolean => /^ref-unor.*\.json$/i.test(basename(path));

/** The files at a path, and whether they were named by the asker. */
async function filesAt(path: string): Promise<[string, boolean][]> {
  const there = await stat(path).catch(() => undefined);
  if (!there?.isDirectory()) return [[path, true]];
  const found: [string, boolean][] = [];
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const inside = join(path, entry.name);
    if (entry.isFile()) found.push([inside, false]);
    else if (entry.isDirectory() && /^pull-/.test(entry.name))
      for (const name of await readdir(inside)) found.push([join(inside, name), false]);
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
