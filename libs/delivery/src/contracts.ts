import { CATALOGUE } from '@app/domain/catalogue';
import type { Classification } from '@app/domain/classification';
import contracts from '../contracts/events.json' with { type: 'json' };

/** A JSON Schema (draft 2020-12), as it stands in `contracts/events.json`. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A version of a type of event that was ever published. */
export type Published = {
  readonly type: string;
  readonly version: number;
  /** Events are told in this version; one that is not current only ever was. */
  readonly current: boolean;
  readonly class: Classification;
  readonly url: string;
};

const EVENTS: Readonly<Record<string, JsonSchema>> = contracts.events;
const DRAFT = 'https://json-schema.org/draft/2020-12/schema';

/** By type, the version that its events are told in. */
const CURRENT: Readonly<Record<string, number>> = Object.fromEntries(
  Object.entries(CATALOGUE).map(([type, { version }]) => [type, version]),
);

/** By type, the schemas of the data as they are told today. */
export const currentSchemas = (): Readonly<Record<string, JsonSchema>> =>
  Object.fromEntries(
    Object.entries(CURRENT).map(([type, version]) => [type, EVENTS[`${type}/${version}`] ?? {}]),
  );

/** How an event is told: the CloudEvent around the data. */
export const ENVELOPE: JsonSchema = contracts.envelope;

/** Where the schema of a version stands; the `dataschema` of its events. `origin` ends with a slash. */
export const schemaUrl = (type: string, version: number | string, origin: string): string =>
  `${origin}v1/schemas/${type}/${version}`;

/** Every version of every type that was ever published. */
export function publishedSchemas(origin: string): Published[] {
  return Object.entries(EVENTS).map(([key, schema]) => {
    const [type = '', version = ''] = key.split('/');
    return {
      type,
      version: Number(version),
      current: CURRENT[type] === Number(version),
      class: schema['x-classification'] as Classification,
      url: schemaUrl(type, version, origin),
    };
  });
}

/** The schema of the data of a type in a version; undefined: there never was such a version. */
export function publishedSchema(type: string, version: string, origin: string): JsonSchema | undefined {
  const key = `${type}/${version}`;
  if (!Object.hasOwn(EVENTS, key)) return undefined;
  return { $schema: DRAFT, $id: schemaUrl(type, version, origin), ...EVENTS[key] };
}
