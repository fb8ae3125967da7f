export const DAY_MS = 86_400_000;

/** Lets all clocks of this process (the log's, the witnesses') say that it is so many days earlier, while `work` runs. */
export async function daysAgo<T>(days: number, work: () => Promise<T>): Promise<T> {
  const now = Date.now;
  Date.now = () => now() - days * DAY_MS;
  try {
    return await work();
  } finally {
    Date.now = now;
  }
}
