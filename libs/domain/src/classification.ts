/** How closely data is held, the most open first (proof 3.20; UU 27/2022 Pasal 4, UU 14/2008 Pasal 17). */
export const CLASSIFICATIONS = ['public', 'internal', 'confidential', 'restricted'] as const;
export type Classification = (typeof CLASSIFICATIONS)[number];

/** Whether who is cleared for one class is cleared for the other. */
export const covers = (clearance: Classification, needed: Classification): boolean =>
  CLASSIFICATIONS.indexOf(clearance) >= CLASSIFICATIONS.indexOf(needed);
