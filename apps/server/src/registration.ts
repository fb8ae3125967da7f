import { Day, OneOf } from './body.ts';

/** Since when somebody is a civil servant, and of which kind. */
export class Registration {
  @OneOf(['pns', 'pppk'])
  kind: 'pns' | 'pppk';

  @Day({ about: 'TMT CPNS, or the first day of a PPPK.' })
  tmt: string;
}
