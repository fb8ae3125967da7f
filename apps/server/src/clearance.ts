import type { Clearance } from '@app/delivery';
import type { Role } from '@app/people';
import type { Bearer } from './auth.ts';

/** Who may follow the events. */
export const FOLLOWERS = ['inspektorat', 'bkpsdm', 'pimpinan', 'integrator'] as const;
type FollowerRole = (typeof FOLLOWERS)[number];

/** What a role is told where no grant says otherwise: of everything; what is above `internal` it has to come for. */
const BY_ROLE: Readonly<Record<FollowerRole, Clearance>> = {
  inspektorat: { sees: 'restricted', reads: 'restricted' },
  bkpsdm: { sees: 'restricted', reads: 'restricted' },
  pimpinan: { sees: 'restricted', reads: 'internal' },
  integrator: { sees: 'restricted', reads: 'internal' },
};

/** The role that somebody follows in; undefined: none. */
export const followingRole = ({ roles }: Bearer): FollowerRole | undefined =>
  FOLLOWERS.find((role) => roles.includes(role as Role));

/** What somebody is told in the stream and the feed: what the own grant says, else what the role is told. */
export const clearanceOf = (bearer: Bearer, role: FollowerRole): Clearance =>
  bearer.clearance ?? BY_ROLE[role];
