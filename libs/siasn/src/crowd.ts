/**
 * Runs a task for each of many things, at most `width` at once, started in order. The first failure ends it, once the
 * tasks under way are done.
 */
export async function crowd<T>(
  things: AsyncIterable<T>,
  width: number,
  task: (thing: T) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  for await (const thing of things) {
    const run: Promise<void> = task(thing)
      .catch((cause: unknown) => {
        failures.push(cause);
      })
      .finally(() => running.delete(run));
    running.add(run);
    if (running.size >= width) await Promise.race(running);
    if (failures.length > 0) break;
  }
  await Promise.all(running);
  if (failures.length > 0) throw failures[0];
}
