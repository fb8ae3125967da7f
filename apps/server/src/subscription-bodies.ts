import { ORDERINGS, type Ordering } from '@app/delivery';
import { CLASSIFICATIONS, type Classification } from '@app/domain/classification';
import { IntersectionType } from '@nestjs/swagger';
import { Accountable } from './asking.ts';
import { Matching, ObjectsOf, OneOf, Text, Uuid, Whole } from './body.ts';

const URL_TEXT = { pattern: '^https?://[^\\s]+$', is: 'an address, https://…', max: 2_048 } as const;
const FILTERS = {
  max: 20,
  optional: true,
  about:
    'Filters of the CloudEvents Subscriptions API: exact, prefix, suffix, all, any, not; default: every event.',
} as const;
const MOST_INDEX = 999_999_999_999_999;

class Terms {
  @ObjectsOf(FILTERS)
  filters?: object[];

  @OneOf(ORDERINGS, {
    optional: true,
    about:
      'What waits behind a failure: nothing, the later events of the same stream (default), or everything.',
  })
  ordering?: Ordering;

  @OneOf(CLASSIFICATIONS, {
    optional: true,
    about: 'Told of events up to this class; at most what the asker is.',
  })
  sees?: Classification;

  @OneOf(CLASSIFICATIONS, { optional: true, about: 'Given the data of events up to this class.' })
  reads?: Classification;

  @Whole({
    min: -1,
    max: MOST_INDEX,
    optional: true,
    about: 'The index after which to deliver, -1 for everything; default: what comes from now on.',
  })
  after?: number;
}

class Created {
  @Text({ max: 100, about: 'What it is for: a system, not a person.' })
  name: string;

  @Matching({ ...URL_TEXT, about: 'Where to post to.' })
  url: string;

  @OneOf(['v1', 'v1a'], {
    optional: true,
    about: 'HMAC with a shared secret (v1, default), or Ed25519 (v1a).',
  })
  signature?: 'v1' | 'v1a';
}

class Changed {
  @Text({ max: 100, optional: true })
  name?: string;

  @Matching({ ...URL_TEXT, optional: true })
  url?: string;

  @OneOf(['active', 'paused'], { optional: true, about: 'active: also opens one that is disabled or gone.' })
  state?: 'active' | 'paused';
}

class Overlapping {
  @Whole({ min: 0, max: 720, optional: true, about: 'Hours that the secret before signs, too; default 24.' })
  overlapHours?: number;
}

/** One event again, or a range of them. */
export class RecoverBody {
  @Uuid({ optional: true, about: 'One event.' })
  event?: string;

  @Whole({ min: 0, max: MOST_INDEX, optional: true, about: 'From this index…' })
  from?: number;

  @Whole({ min: 0, max: MOST_INDEX, optional: true, about: '…up to this one.' })
  to?: number;
}

export class SubscriptionBody extends IntersectionType(Created, Terms, Accountable) {}
export class SubscriptionChangeBody extends IntersectionType(Changed, Terms, Accountable) {}
export class SecretRotationBody extends IntersectionType(Overlapping, Accountable) {}
