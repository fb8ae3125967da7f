import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What one contender did: operations a second by task, latencies in ms, and its peak memory in MiB. */
export type Figures = Readonly<Record<string, number | string>>;

/** Operations a second of `work`, which does `n` of them. */
export async function rate(n: number, work: () => Promise<unknown> | unknown): Promise<number> {
  const start = performance.now();
  await work();
  return n / ((performance.now() - start) / 1000);
}

/** The middle and the 95th percentile of `n` runs, in ms. */
export async function latency(
  n: number,
  work: (i: number) => Promise<unknown>,
): Promise<{ p50: number; p95: number }> {
  const times: number[] = [];
  for (let i = 0; i < n; i++) {
    const start = performance.now();
    await work(i);
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  return { p50: times[Math.floor(n * 0.5)] ?? 0, p95: times[Math.floor(n * 0.95)] ?? 0 };
}

export const peakMiB = (): number => Math.round(process.resourceUsage().maxRSS / 1024);

/** Runs `work` in a directory of its own, removed afterwards. */
export async function inTemp<T>(work: (dir: string) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'jejak-bench-'));
  try {
    return await work(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Runs the n pieces of work with so many at a time. */
export async function atOnce(
  writers: number,
  n: number,
  work: (i: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const writer = async () => {
    while (next < n) await work(next++);
  };
  await Promise.all(Array.from({ length: writers }, writer));
}
