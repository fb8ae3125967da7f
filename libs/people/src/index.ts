export { copyPeople, type PeopleCopied } from './copy.ts';
export { erasePerson, type Identifiers, within } from './erase.ts';
export {
  LOCAL_AUDIENCE,
  LOCAL_ISSUER,
  type LocalBearer,
  localKey,
  mintLocalToken,
  ROLES,
  type Role,
} from './local-issuer.ts';
export { CreatePeople1764000000002 } from './migrations.ts';
export { type Entered, type Particulars, People } from './people.ts';
export { Account, Nip, Person } from './person.ts';
