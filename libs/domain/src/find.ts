import type { CivilServant, FindingRecorded } from './civil-servant.ts';
import { type Decision, same } from './event.ts';
import { erased, registered } from './rules.ts';

/** Puts something an inspector should look at on the record; the same finding is recorded once. */
export function find(data: FindingRecorded['data'], servant: CivilServant): Decision<FindingRecorded> {
  const refusal = erased(servant) ?? registered(data, servant);
  if (refusal) return refusal;
  return servant.findings.some((finding) => same(finding.data, data))
    ? []
    : [{ type: 'FindingRecorded', data }];
}
