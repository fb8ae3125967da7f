/** What the stream is expected to look like; a number: its last revision. */
export type Expected = 'any' | 'stream-exists' | 'no-stream' | number;

/** What is to be decided about: a stream and what the server remembers of it. */
export type Situation = {
  /** Last revision; -1: no events. */
  readonly current: number;
  readonly deleted: 'no' | 'soft' | 'hard';
  /** Id of the event at a revision. */
  readonly idAt: (revision: number) => string | undefined;
  /** Revision of an id in this stream, as long as it is in the server's cache. */
  readonly remembered: (id: string) => number | undefined;
};

/** `again`: these ids were written before; `revision` is that of the last of them. */
export type Verdict =
  | { readonly kind: 'write' }
  | { readonly kind: 'again'; readonly revision: number }
  | { readonly kind: 'wrong-version' }
  | { readonly kind: 'deleted' };

const WRITE: Verdict = { kind: 'write' };
const WRONG: Verdict = { kind: 'wrong-version' };
const DELETED: Verdict = { kind: 'deleted' };

/** What the server does with an append of these ids. After `IndexWriter.CheckCommit` of KurrentDB. */
export function check(expected: Expected, ids: readonly string[], stream: Situation): Verdict {
  if (stream.deleted === 'hard') return DELETED;
  if (expected === 'stream-exists') return checkExists(stream) ?? checkRemembered(ids, stream);
  if (expected === 'any') return checkRemembered(ids, stream);
  const revision = expected === 'no-stream' ? -1 : expected;
  // Also where the ids are in the stream already: then they are written again.
  if (revision === stream.current) return WRITE;
  if (revision > stream.current || ids.length === 0) return WRONG;
  return checkWritten(expected, revision, ids, stream);
}

function checkExists({ deleted, current }: Situation): Verdict | undefined {
  if (deleted === 'soft') return DELETED;
  return current < 0 ? WRONG : undefined;
}

/** Without a revision only the cache can tell. */
function checkRemembered(ids: readonly string[], stream: Situation): Verdict {
  let revision = -1;
  for (const [n, id] of ids.entries()) {
    const at = stream.remembered(id);
    if (at === undefined) return n === 0 ? WRITE : WRONG;
    revision = at;
  }
  return ids.length === 0 ? WRITE : { kind: 'again', revision };
}

/** The stream has moved past the revision: the same ids must come after it. */
function checkWritten(
  expected: Expected,
  revision: number,
  ids: readonly string[],
  stream: Situation,
): Verdict {
  const other = ids.findIndex((id, n) => stream.idAt(revision + 1 + n) !== id);
  if (other < 0) return { kind: 'again', revision: revision + ids.length };
  return other === 0 && expected === 'no-stream' && stream.deleted === 'soft' ? WRITE : WRONG;
}
