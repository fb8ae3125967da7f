import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { codeOf } from '@app/event-store';

/** `<uuid>.<process id>.<host>.part`: who writes it, so that others see whether somebody still does. */
const PART = /^[0-9a-f-]{36}\.(\d+)\.(.+)\.part$/;
/** No document is so long in coming; of a process on another host nothing else is known. In ms. */
const LONGEST_MS = 3_600_000;

/** What this process is writing now. */
const OWN = new Set<string>();

/** A name for a file that is being written, until `endPart`. */
export function beginPart(directory: string): string {
  const part = join(directory, `${randomUUID()}.${process.pid}.${hostname()}.part`);
  OWN.add(part);
  return part;
}

export const endPart = (part: string): void => {
  OWN.delete(part);
};

/** Removes the half-written files that nobody writes any more. */
export function sweepParts(directory: string): void {
  for (const name of existsSync(directory) ? readdirSync(directory) : []) {
    const [, writer, host] = PART.exec(name) ?? [];
    const part = join(directory, name);
    if (writer !== undefined && isAbandoned(part, Number(writer), host === hostname()))
      rmSync(part, { force: true });
  }
}

function isAbandoned(part: string, writer: number, isHere: boolean): boolean {
  if (isHere && writer === process.pid) return !OWN.has(part);
  if (isHere && !lives(writer)) return true;
  const written = statSync(part, { throwIfNoEntry: false });
  return written !== undefined && Date.now() - written.mtimeMs > LONGEST_MS;
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return codeOf(cause) !== 'ESRCH';
  }
}
