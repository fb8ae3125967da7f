export { type ImportDeps, type ImportOptions, type ImportProgress, importSiasn } from './import.ts';
export { LISTS, type ListName } from './lists.ts';
export type { Mender } from './reasons.ts';
export type { FileReport, ImportReport, RefusedRow } from './report.ts';
