import type { SiasnMender } from '@app/domain/siasn-submission';
import type { Payload } from './outbox-payload.ts';

/**
 * What SIASN answered: the id of its row; or why not. `refused`: it will not take this. `not-reached`: nothing of it
 * came to SIASN, so it can be sent again. `unknown`: it may have come there.
 */
export type SiasnAnswer =
  | { readonly id: string }
  | {
      readonly error: string;
      readonly what: 'refused' | 'not-reached' | 'unknown';
      readonly mendedBy: SiasnMender;
    };

/**
 * BKN's web service, as far as rows are saved in it. An implementation MUST NOT throw for what the service or the way to
 * it does, MUST NOT send a payload twice unless it knows that the first was not taken, and MUST answer `unknown` where
 * it does not know. `error` holds SIASN's own words; whoever keeps them takes names and numbers out.
 */
export abstract class SiasnService {
  abstract send(payload: Payload, signal: AbortSignal): Promise<SiasnAnswer>;
}
