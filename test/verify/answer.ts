/** What a verifier says of a bundle (docs/bundle.md). */
export type Answer = {
  readonly verdict: 'sound' | 'tampered' | 'undecided';
  readonly reason: string | null;
  readonly index: number | null;
  readonly file: string | null;
  readonly words: { readonly en: string; readonly id: string };
  readonly origin: string | null;
  readonly size: number | null;
  readonly asOf: number | null;
  readonly complete: boolean | null;
  readonly missing: readonly unknown[] | null;
  readonly entries: number | null;
};

/** A signature that holds: key, message, signature, in base64. To know it spares the one or other verifier a process. */
export type Known = readonly [string, string, string];

/** A verifier that runs elsewhere; it throws where the verifier itself does. */
export type Verifier = {
  readonly verify: (bundle: Buffer, policy?: string, known?: readonly Known[]) => Promise<Answer>;
  /** The verdicts on many bundles; faster than one by one. */
  readonly verdicts: (
    bundles: readonly Buffer[],
    policy: string,
    known?: readonly Known[],
  ) => Promise<string[]>;
  /** The verdicts on the bundle with one byte changed, for every byte, by XOR. */
  readonly flip: (bundle: Buffer, policy: string, mask: number) => Promise<string[]>;
  readonly close: () => Promise<void>;
};
