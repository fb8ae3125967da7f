import { describe, expect, it } from '@jest/globals';
import { StoreUnavailable } from './event-store.ts';
import { kurrentAddress } from './kurrent-url.ts';

describe('the address of a KurrentDB', () => {
  it.each([
    ['kurrentdb://db:2113?tls=false', 'esdb://db:2113?tls=false&keepAliveTimeout=5000'],
    ['esdb://db?tls=false&keepAliveTimeout=9000', 'esdb://db?tls=false&keepAliveTimeout=9000'],
    ['kurrentdb+discover://u:p@db.example', 'esdb+discover://u:p@db.example?keepAliveTimeout=5000'],
    [
      'kurrentdb://u:p@a:1,b:2,c:3/?tlsCAFile=%2Fca.crt&nodePreference=leader',
      'esdb://u:p@a:1,b:2,c:3?tlsCAFile=%2Fca.crt&nodePreference=leader&keepAliveTimeout=5000',
    ],
  ])('is given to the client: %s', (text, url) => {
    expect(kurrentAddress(text).url).toBe(url);
  });

  it('names its hosts without the user, and the user as it is meant', () => {
    const { where, credentials } = kurrentAddress('kurrentdb://app:p%40ss%3A1@a:2113,b:2113?tls=true');
    expect(where).toBe('a:2113,b:2113');
    expect(credentials).toEqual({ username: 'app', password: 'p@ss:1' });
  });

  it.each([
    ['another scheme', 'postgres://u:SECRET@db', /not of the form/],
    ['no host', 'kurrentdb://u:SECRET@', /not of the form/],
    ['a password with a bare @', 'kurrentdb://u:SECRET@SECRET@db', /not of the form/],
    ['half an escape', 'kurrentdb://u:SECRET%@db', /not of the form/],
    ['an option that is not known', 'kurrentdb://u:SECRET@db?pool=3', /option "pool"/],
    [
      'failures that would be taken for success',
      'kurrentdb://u:SECRET@db?throwOnAppendFailure=false',
      /throwon/,
    ],
    ['certificates that are not verified', 'kurrentdb://u:SECRET@db?tlsVerifyCert=false', /tlsCAFile/],
    ['TLS without a user', 'kurrentdb://db:2113', /tls=false/],
  ])('is refused with %s, and no word of the password', (_, text, message) => {
    expect(() => kurrentAddress(text)).toThrow(StoreUnavailable);
    expect(() => kurrentAddress(text)).toThrow(message);
    expect(() => kurrentAddress(text)).not.toThrow(/SECRET/);
  });
});
