import type { Leaf } from './bundle-format.ts';

type Row = { readonly index: number; readonly event: Leaf };

/** The entries as a graph of W3C PROV-JSON: each a thing that a decision (an activity) made, by somebody, from evidence. */
export function provenance(entries: readonly Row[]): object {
  const entity: Record<string, object> = {};
  const activity: Record<string, object> = {};
  const agent: Record<string, object> = {};
  const wasGeneratedBy: Record<string, object> = {};
  const wasAssociatedWith: Record<string, object> = {};
  const used: Record<string, object> = {};
  const wasRevisionOf: Record<string, object> = {};
  for (const { index, event } of entries) {
    const [thing, act, by] = [
      `jejak:entry-${index}`,
      `jejak:act-${event.id}`,
      `jejak:account-${event.metadata.actor}`,
    ];
    entity[thing] = {
      'prov:type': `jejak:${event.type}`,
      'jejak:event': event.id,
      'jejak:index': String(index),
    };
    activity[act] = { 'prov:endTime': event.recordedAt };
    agent[by] = { 'prov:type': 'prov:Person' };
    wasGeneratedBy[`_:g${index}`] = { 'prov:entity': thing, 'prov:activity': act };
    wasAssociatedWith[`_:a${index}`] = { 'prov:activity': act, 'prov:agent': by };
    for (const [n, { sha256 }] of (event.metadata.evidence ?? []).entries()) {
      entity[`jejak:evidence-${sha256}`] = { 'prov:type': 'jejak:Evidence', 'jejak:sha256': sha256 };
      used[`_:u${index}-${n}`] = { 'prov:activity': act, 'prov:entity': `jejak:evidence-${sha256}` };
    }
    const before = entries.find((one) => one.event.id === event.data.event);
    if (before)
      wasRevisionOf[`_:r${index}`] = {
        'prov:generatedEntity': thing,
        'prov:usedEntity': `jejak:entry-${before.index}`,
      };
  }
  const prefix = { jejak: 'urn:jejak:' };
  return {
    prefix,
    entity,
    activity,
    agent,
    wasGeneratedBy,
    wasAssociatedWith,
    used,
    wasDerivedFrom: wasRevisionOf,
  };
}
