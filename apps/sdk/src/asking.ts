import { errorOf, JejakError } from './error.ts';
import type { Pace } from './pace.ts';
import type { Wanted } from './types.ts';

/** Where Jejak is, and who asks. */
export type Server = {
  readonly baseUrl: URL;
  readonly token: () => string | Promise<string>;
  readonly purpose: string | undefined;
  readonly fetch: typeof fetch;
  readonly pace: Pace;
};

export type Query = Readonly<Record<string, string | number | undefined>>;

/** The base of all addresses, with a slash at its end; throws where it is none. */
export function baseOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new TypeError(
      `baseUrl is ${JSON.stringify(text)}; it is the address of Jejak, as https://jejak.example`,
    );
  return new URL(`${url.origin}${url.pathname.replace(/\/*$/, '/')}`);
}

/** What the feed and the stream ask alike. */
export const queryOf = ({ after, types, subjects, classification }: Wanted): Query => ({
  after,
  types: types?.join(','),
  subjects: subjects?.join(','),
  classification: classification?.join(','),
});

/** Asks once; gives the answer where it is 2xx and of the media type, else throws a `JejakError`. Redirects are not followed. */
export async function ask(
  { baseUrl, token, purpose, fetch, pace }: Server,
  path: string,
  query: Query,
  mediaType: string,
  signal: AbortSignal,
): Promise<Response> {
  const url = new URL(path, baseUrl);
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) url.searchParams.set(name, String(value));
  const response = await fetch(url, {
    headers: {
      authorization: `Bearer ${await token()}`,
      accept: `${mediaType}, application/problem+json`,
      ...(purpose === undefined ? {} : { 'x-purpose': encodeURIComponent(purpose) }),
    },
    redirect: 'manual',
    signal,
  });
  if (!response.ok) throw await errorOf(response, pace.now());
  const given = response.headers.get('content-type') ?? 'nothing';
  if (!given.startsWith(mediaType))
    throw new JejakError(
      `${url.origin}${url.pathname} gives ${given} and not ${mediaType}: check baseUrl`,
      true,
    );
  return response;
}
