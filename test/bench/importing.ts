import type { Figures } from './measure.ts';
export const importing = (_: number): Promise<Figures> => Promise.resolve({});
