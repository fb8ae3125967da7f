import type { ValueTransformer } from 'typeorm';

/** A column of JSON text, the same on every dialect. */
export const json: ValueTransformer = {
  to: (value: unknown) => (value === undefined || value === null ? null : JSON.stringify(value)),
  from: (text: string | null) => (text === null ? null : (JSON.parse(text) as unknown)),
};
