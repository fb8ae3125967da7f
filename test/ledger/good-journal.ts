import { BEGUN, GivenJournal, type Said, uuid } from './journal.ts';

export const PERSON = `civilServant-${uuid(500)}`;
export const UNIT = `unit-${uuid(501)}`;
export const DOCUMENT = 'ab'.repeat(32);
export const [BOSS, CLERK] = [uuid(601), uuid(602)];

export const by = (actor: string, said: Said = {}): Said => ({
  ...said,
  metadata: { ...said.metadata, actor },
});
export const under = (id: unknown, version: unknown = 1): Said => ({ data: { ruleSet: { id, version } } });
export const on = (...documents: unknown[]): Said =>
  ({ metadata: { evidence: documents.map((sha256) => ({ sha256, size: 3, mediaType: 'x' })) } }) as Said;
export const at = (ms: number): Said => ({ recordedAt: new Date(ms).toISOString() });

/** A log that keeps every rule; it ends with a proposal of the clerk, whose id it gives. */
export function good(): { log: GivenJournal; proposal: string } {
  const log = new GivenJournal();
  log.publish('predikat-kuadran');
  log.keep(DOCUMENT);
  log.record(UNIT);
  log.record(PERSON, under('predikat-kuadran'));
  log.record(PERSON, on(DOCUMENT));
  log.record(PERSON, at(BEGUN + 4_000));
  log.record('ledger-heads', { type: 'HeadsCommitted', data: log.heads() });
  const committed = log.heads();
  log.publish('predikat-kuadran', 2);
  log.record(PERSON, { ...under('predikat-kuadran', 2), ...on(DOCUMENT, DOCUMENT) });
  log.record('unit-é');
  log.record('ledger-heads', { type: 'HeadsCommitted', data: committed });
  const proposal = log.record(
    PERSON,
    by(CLERK, { type: 'AwardProposed', data: { proposal: { kind: 'x' } } }),
  );
  return { log, proposal };
}

/** Commits to the heads as of now, as they are or otherwise. */
export function heads(log: GivenJournal, more: Record<string, unknown>): void {
  log.record('ledger-heads', { type: 'HeadsCommitted', data: { ...log.heads(), ...more } });
}
