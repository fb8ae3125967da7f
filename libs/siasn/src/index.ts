export { type ImportDeps, type ImportOptions, type ImportProgress, importSiasn } from './import.ts';
export { LISTS, type ListName } from './lists.ts';
export type { FileReport, ImportReport, Mender, RefusedRow } from './report.ts';
