import type { Reason } from './bundle-files.ts';
import type { Missing } from './bundle-format.ts';

/** What a verifier says of a bundle (docs/bundle.md). */
export type BundleVerdict = {
  readonly verdict: 'sound' | 'tampered' | 'undecided';
  readonly reason: Reason | null;
  readonly index: number | null;
  readonly file: string | null;
  readonly words: { readonly en: string; readonly id: string };
  readonly origin: string | null;
  readonly size: number | null;
  readonly asOf: number | null;
  readonly complete: boolean | null;
  readonly missing: readonly Missing[];
  readonly entries: number;
  /** Ids of the keys that signed the checkpoint. */
  readonly keys: readonly string[];
};

/** What is known of a bundle so far. */
export type About = { -readonly [K in keyof BundleVerdict]?: BundleVerdict[K] };

export const SOUND = {
  en: 'everything holds under the policy that was given',
  id: 'semuanya utuh menurut kebijakan kepercayaan yang diberikan',
};
export const UNTRUSTED = {
  en: 'it is whole in itself, but signed by keys that nobody vouched for; give --policy or --log-key',
  id: 'berkas ini utuh, tetapi ditandatangani kunci yang belum dijamin siapa pun; berikan --policy atau --log-key',
};
/** Each reason in Bahasa Indonesia. */
export const WORDS: Readonly<Record<Reason, string>> = {
  zip: 'isi berkas zip tidak sesuai bentuk bakunya',
  manifest: 'daftar isi tidak cocok dengan berkas-berkasnya',
  signature: 'tanda tangan pada checkpoint tidak sah',
  quorum: 'saksi yang ikut menandatangani belum mencukupi',
  issue: 'penerbitan bundel ini tidak tercatat sebagaimana mestinya',
  inclusion: 'catatan tidak terbukti ada di dalam log',
  gap: 'rangkaian catatan tidak lengkap',
  rule: 'aturan yang dipakai tidak tercatat sebelum keputusan',
  evidence: 'dokumen bukti tidak cocok',
  consistency: 'checkpoint lama bukan awal dari yang baru',
  time: 'waktu pencatatan tidak masuk akal',
  trust: 'kunci belum dipercaya',
};

/** A verdict with what is known of the bundle; what is not known is null. */
export function verdict(
  kind: BundleVerdict['verdict'],
  reason: Reason | null,
  words: BundleVerdict['words'],
  about: Partial<BundleVerdict>,
): BundleVerdict {
  const nothing = { index: null, file: null, origin: null, size: null, asOf: null, complete: null };
  return { ...nothing, missing: [], entries: 0, keys: [], ...about, verdict: kind, reason, words };
}
