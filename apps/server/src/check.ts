import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { type ValidationError, validate } from 'class-validator';
import { type Fault, malformed, Problem } from './problem.ts';

/** Nothing that we ask for is nested deeper. */
const MOST_LEVELS = 12;

/**
 * Checks a body or a question against its class; all faults at once. A body comes out as it came in, plain, since what
 * is checked is all there may be.
 */
@Injectable()
export class Check implements PipeTransform {
  async transform(value: unknown, { type, metatype }: ArgumentMetadata): Promise<unknown> {
    if ((type !== 'body' && type !== 'query') || !metatype) return value;
    if (!isObject(value)) throw malformed('#', 'must be an object');
    assertSimple(value);
    const instance = plainToInstance(metatype as new () => object, value);
    const found = await validate(instance, {
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
      validationError: { target: false, value: false },
    });
    const errors = found.flatMap((error) => faults(error, '#'));
    if (errors.length > 0)
      throw new Problem(400, { detail: `${errors.length} fields are not in order`, errors });
    return type === 'body' ? value : instance;
  }
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Refuses what trips those who look at objects: a deep nest, and names that every object has already. */
function assertSimple(value: object): void {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MOST_LEVELS) throw malformed('#', `is nested deeper than ${MOST_LEVELS} levels`);
    const inner = level.flatMap((some) =>
      typeof some === 'object' && some !== null ? Object.entries(some) : [],
    );
    const taken = inner.find(([name]) => name in Object.prototype || name === 'then');
    if (taken) throw malformed('#', `has a field ${taken[0]}, which is not known here`);
    level = inner.map(([, some]) => some);
  }
}

function faults({ property, constraints = {}, children = [] }: ValidationError, above: string): Fault[] {
  const pointer = `${above}/${property.toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const [kind] = Object.entries(constraints).filter(([name]) => name !== 'nestedValidation');
  const nested = children.flatMap((child) => faults(child, pointer));
  if (!kind) return nested.length > 0 ? nested : [{ pointer, detail: 'is not in order' }];
  const detail = kind[0] === 'whitelistValidation' ? 'is not a field that is known here' : kind[1];
  return [{ pointer, detail }, ...nested];
}
