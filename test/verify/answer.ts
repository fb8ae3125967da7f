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

/** A verifier that runs elsewhere; it throws where the verifier itself does. */
export type Verifier = {
  readonly verify: (bundle: Buffer, policy?: string) => Promise<Answer>;
  /** The verdicts on the bundle with one byte changed, for every byte, by XOR. */
  readonly flip: (bundle: Buffer, policy: string, mask: number) => Promise<string[]>;
  readonly close: () => Promise<void>;
};
