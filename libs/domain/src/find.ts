import type { CivilServant, FindingRecorded } from './civil-servant.ts';
import { type Decision, same } from './event.ts';

/** Puts something an inspector should look at on the record; the same finding is recorded once. */
export function find(data: FindingRecorded['data'], servant: CivilServant): Decision<FindingRecorded> {
  return servant.findings.some((finding) => same(finding.data, data))
    ? []
    : [{ type: 'FindingRecorded', data }];
}
