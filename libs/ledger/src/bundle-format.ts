/** What the files of an evidence bundle say (docs/bundle.md). */

export const FORMAT = 'jejak-bundle/1';

export type Scope =
  | { readonly kind: 'person'; readonly subject: string }
  | { readonly kind: 'decision'; readonly event: string };

/** A document that an entry names and the bundle does not hold. `lost`, `altered`: since it was kept, in its place. */
export type Missing = {
  readonly what: string;
  readonly why: 'erased' | 'withheld' | 'not-kept' | 'lost' | 'altered';
};

export type Manifest = {
  readonly asOf: number;
  readonly complete: boolean;
  /** SHA-256 in hex by name, of every file but MANIFEST.json and ISSUE.* */
  readonly files: Readonly<Record<string, string>>;
  readonly format: string;
  readonly missing: readonly Missing[];
  readonly origin: string;
  readonly request: {
    readonly at: string;
    readonly by: string;
    readonly purpose: string;
    readonly role: string;
    readonly scope: Scope;
  };
};

/** A stream's head among all heads: `heads/head.json`. */
export type HeadFile = {
  readonly count: number;
  readonly lastIndex: number;
  readonly position: number;
  readonly proof: readonly string[];
  readonly stream: string;
  readonly versions: number;
};

/** A leaf, as far as the checks of a bundle look into it. */
export type Leaf = {
  readonly id: string;
  readonly type: string;
  readonly stream: string;
  readonly revision: number;
  readonly recordedAt: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: {
    readonly actor?: string;
    readonly causationId?: string;
    readonly evidence?: readonly {
      readonly sha256: string;
      readonly size: number;
      readonly mediaType: string;
    }[];
  };
};

/** The rule set that an entry says it was decided under. */
export function ruleSetIn({ data }: Leaf): { id: string; version: number } | undefined {
  const { ruleSet } = data as { ruleSet?: { id: string; version: number } };
  return ruleSet;
}

export const ruleSetFile = ({ id, version }: { id: string; version: number }): string =>
  `policies/${id}@${version}`;
export const personStream = (subject: string): string => `civilServant-${subject}`;

/** `BACA-SAYA.txt`. */
export const READ_ME = `BUNDEL BUKTI JEJAK / JEJAK EVIDENCE BUNDLE

Periksa berkas zip ini (jangan dibongkar dahulu) dengan salah satu dari tiga pemeriksa yang terpisah:
Check the zip file (do not unpack it first) with any of three separate verifiers:

  jejak verify-bundle BERKAS.zip --policy KEBIJAKAN.txt
  python3 verify.py BERKAS.zip --policy KEBIJAKAN.txt
  verify.html di peramban, tanpa jaringan / in a browser, without a network

Kebijakan kepercayaan (policy) harus Anda peroleh dari sumber yang Anda percayai, bukan dari bundel ini.
The policy must come from a source that you trust, not from this bundle.

timeline.html: riwayat untuk dibaca dan dicetak / the history, to be read and printed.
`;
