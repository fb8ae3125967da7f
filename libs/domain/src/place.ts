import { placementOn } from './career.ts';
import type { CivilServant, Context, Placed } from './civil-servant.ts';
import { refuse } from './event.ts';
import { possibleTmt, type Rule, record, registered } from './rules.ts';

/** A placement (mutasi unor) leads to another unit than the one held on that day. */
const anotherUnit: Rule<Placed> = ({ unit, tmt }, servant) =>
  placementOn(servant, tmt)?.data.unit === unit
    ? refuse('already-in-unit', `the unit held on ${tmt} is this one`, 'UU 20/2023; PP 11/2017', 'unit')
    : undefined;

export const place = (data: Placed['data'], servant: CivilServant, context: Context) =>
  record<Placed>({ type: 'Placed', data }, [registered, possibleTmt, anotherUnit], servant, context);
