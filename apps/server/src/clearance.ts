import type { Clearance } from '@app/delivery';
import type { Role } from '@app/people';
import type { FastifyRequest } from 'fastify';
import { type Bearer, bearerIn } from './auth.ts';
import { Problem } from './problem.ts';

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
const followingRole = ({ roles }: Bearer): FollowerRole | undefined =>
  FOLLOWERS.find((role) => roles.includes(role as Role));

/** What somebody is told in the stream and the feed: what the own grant says, else what the role is told. */
const clearanceOf = (bearer: Bearer, role: FollowerRole): Clearance => bearer.clearance ?? BY_ROLE[role];

/** What the asker may be told now. */
export function cleared(bearer: Bearer): Clearance {
  const role = followingRole(bearer);
  if (!role) throw new Problem(403, { detail: `this needs the role ${FOLLOWERS.join(' or ')}` });
  return clearanceOf(bearer, role);
}

/** What the asker of a request may be told. */
export function clearanceIn(request: FastifyRequest): Clearance {
  const bearer = bearerIn(request);
  if (!bearer) throw new Error('a follower without a bearer');
  return cleared(bearer);
}
