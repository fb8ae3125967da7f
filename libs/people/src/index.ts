export { ApiKey, CreateApiKeys1764000000007, type KeyTold } from './api-key.ts';
export {
  API_KEY_ISSUER,
  ApiKeys,
  KEY_DAYS,
  type KeyHeld,
  type KeyReceipt,
  MOST_OVERLAP_HOURS,
  OVERLAP_HOURS,
  type TermsAsked,
} from './api-keys.ts';
export { copyPeople, type PeopleCopied } from './copy.ts';
export { erasePerson, type Identifiers, within } from './erase.ts';
export { isKeyText } from './key-text.ts';
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
