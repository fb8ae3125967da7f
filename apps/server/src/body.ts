import { isLegalDate } from '@app/domain/calendar';
import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions, getSchemaPath } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsObject,
  ValidateBy,
  ValidateIf,
  ValidateNested,
} from 'class-validator';

/**
 * The fields of bodies and questions. Each decorator says a limit once, for the check and for the API description
 * alike. An optional field may be absent; it may not be null.
 */
type Field = { readonly optional?: true; readonly about?: string };
type Of<T> = new () => T;

/** Without control characters but tab and line feed, and without blanks at the ends. */
const TEXT = '^(?!\\s)[^\\u0000-\\u0008\\u000b-\\u001f\\u007f]+(?<!\\s)$';
export const UUID = '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$';

/** One field: what the API description says, and a check that says the same; `fault` ends "…must be …". */
function field(
  { optional, about }: Field,
  schema: ApiPropertyOptions,
  check: (value: unknown) => boolean,
  fault: string,
): PropertyDecorator {
  return applyDecorators(
    described({ optional, about } as Field, schema),
    ValidateBy({ name: 'field', validator: { validate: check, defaultMessage: () => `must be ${fault}` } }),
  );
}

const described = ({ optional, about }: Field, schema: ApiPropertyOptions): PropertyDecorator =>
  applyDecorators(
    ApiProperty({
      ...schema,
      ...(about === undefined ? {} : { description: about }),
      required: !optional,
    } as ApiPropertyOptions),
    ...(optional ? [ValidateIf((_, value) => value !== undefined)] : []),
  );

/** Text of 1 to `max` characters. */
export const Text = ({ max, ...rest }: Field & { max: number }) =>
  patterned(rest, TEXT, max, `text of 1 to ${max} characters, without blanks at its ends`);

/** Text of one pattern. */
export const Matching = ({
  pattern,
  is,
  max,
  ...rest
}: Field & { pattern: string; is: string; max: number }) => patterned(rest, pattern, max, is);

function patterned(of: Field, pattern: string, max: number, fault: string): PropertyDecorator {
  const shape = new RegExp(pattern, 'u');
  const fits = (text: string) => text.isWellFormed() && shape.test(text) && [...text].length <= max;
  return field(
    of,
    { type: 'string', minLength: 1, maxLength: max, pattern },
    (value) => typeof value === 'string' && value.length <= 2 * max && fits(value),
    fault,
  );
}

/** An id of this record: a UUID in lower case. */
export const Uuid = (of: Field = {}) =>
  field(
    of,
    { type: 'string', format: 'uuid', pattern: UUID },
    (value) => typeof value === 'string' && new RegExp(UUID).test(value),
    'a UUID in lower case',
  );

/** A day that exists, `YYYY-MM-DD`. */
export const Day = (of: Field = {}) =>
  field(
    of,
    { type: 'string', format: 'date', pattern: '^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}$' },
    (value) => typeof value === 'string' && isLegalDate(value),
    'a day that exists, YYYY-MM-DD',
  );

/** A whole number. */
export const Whole = ({ min, max, ...rest }: Field & { min: number; max: number }) =>
  field(
    rest,
    { type: 'integer', minimum: min, maximum: max },
    (value) => Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max,
    `a whole number from ${min} to ${max}`,
  );

/** A whole number in a question, where everything is text. */
export const WholeAsked = (of: Field & { min: number; max: number }) =>
  applyDecorators(
    Whole(of),
    Transform(({ value }) => (typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value)),
  );

export const YesNo = (of: Field = {}) =>
  field(of, { type: 'boolean' }, (value) => typeof value === 'boolean', 'true or false');

/** One of some words. */
export const OneOf = (values: readonly string[], of: Field = {}) =>
  field(
    of,
    { type: 'string', enum: [...values] },
    (value) => typeof value === 'string' && values.includes(value),
    `one of ${values.join(', ')}`,
  );

/** An object of its own class. */
export const Nested = (type: () => Of<object>, of: Field = {}) =>
  applyDecorators(
    described(of, { type: () => type() }),
    Type(type),
    IsObject({ message: 'must be an object' }),
    ValidateNested(),
  );

/** An object whose class one of its fields tells; `base` is the class where none fits. */
export const NestedBy = (property: string, base: Of<object>, kinds: Readonly<Record<string, Of<object>>>) =>
  applyDecorators(
    described({}, { oneOf: Object.values(kinds).map((kind) => ({ $ref: getSchemaPath(kind) })) }),
    Type(() => base, {
      keepDiscriminatorProperty: true,
      discriminator: {
        property,
        subTypes: Object.entries(kinds).map(([name, value]) => ({ name, value })),
      },
    }),
    IsObject({ message: 'must be an object' }),
    ValidateNested(),
  );

type Length = Field & { readonly min?: number; readonly max: number };

/** A list of objects of one class. */
export const ListOf = (type: () => Of<object>, { min = 0, max, ...of }: Length) =>
  applyDecorators(
    described(of, { type: () => type(), isArray: true, minItems: min, maxItems: max }),
    Type(type),
    IsArray({ message: 'must be a list' }),
    ArrayMinSize(min, { message: `must have at least ${min}` }),
    ArrayMaxSize(max, { message: `must have at most ${max}` }),
    IsObject({ each: true, message: 'must hold objects' }),
    ValidateNested({ each: true }),
  );

/** A list of objects that its door looks at itself. */
export const ObjectsOf = ({ max, ...of }: Field & { max: number }) =>
  field(
    of,
    { type: 'array', items: { type: 'object', additionalProperties: true }, maxItems: max },
    (value) => Array.isArray(value) && value.length <= max,
    `a list of at most ${max}`,
  );

/** A list of short words, each once. */
export const Words = ({ min = 0, max, pattern, is, ...of }: Length & { pattern: string; is: string }) =>
  field(
    of,
    { type: 'array', items: { type: 'string', pattern }, minItems: min, maxItems: max, uniqueItems: true },
    (value) =>
      Array.isArray(value) &&
      value.length >= min &&
      value.length <= max &&
      new Set(value).size === value.length &&
      value.every((word) => typeof word === 'string' && new RegExp(pattern).test(word)),
    `a list of ${min} to ${max}, each once: ${is}`,
  );
