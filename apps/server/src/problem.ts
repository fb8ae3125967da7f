import type { Refusal } from '@app/domain/event';

/** Where in the request something is wrong, as a JSON pointer (RFC 6901), and what. */
export type Fault = { readonly pointer: string; readonly detail: string };

type Told = {
  readonly detail?: string;
  readonly errors?: readonly Fault[];
  /** The article or the design decision behind a refusal. */
  readonly basis?: string;
  readonly type?: string;
  /** Names of the limits that were exceeded. */
  readonly 'violated-policies'?: readonly string[];
};

/** Title in English and in Bahasa Indonesia, by status. */
const TITLES: Readonly<Record<number, readonly [title: string, judul: string]>> = {
  400: ['The request is not in order', 'Permintaan tidak sesuai'],
  401: ['A valid token is needed', 'Diperlukan token yang sah'],
  403: ['Not allowed', 'Tidak diizinkan'],
  404: ['Not found', 'Tidak ditemukan'],
  405: ['This method is not offered here', 'Metode tidak tersedia'],
  408: ['The request took too long', 'Permintaan terlalu lama'],
  410: ['Gone', 'Sudah dimusnahkan'],
  412: ['The record has moved on', 'Catatan sudah berubah'],
  413: ['The request is too large', 'Permintaan terlalu besar'],
  414: ['The address is too long', 'Alamat terlalu panjang'],
  415: ['Media type not supported', 'Jenis media tidak didukung'],
  422: ['Refused', 'Ditolak'],
  428: ['If-Match is needed', 'Diperlukan If-Match'],
  429: ['Too many requests', 'Terlalu banyak permintaan'],
  431: ['The headers are too large', 'Header terlalu besar'],
  500: ['Something went wrong here', 'Terjadi kesalahan di server'],
  503: ['Not available for the moment', 'Sementara tidak tersedia'],
};

/** The body of `application/problem+json` (RFC 9457), with the title in Bahasa Indonesia beside it. */
export type ProblemBody = Told & {
  readonly type: string;
  readonly title: string;
  readonly judul: string;
  readonly status: number;
};

/** An answer other than success. Thrown by doors; never below them. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly told: Told = {},
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(told.detail);
  }

  get body(): ProblemBody {
    const [title, judul] = TITLES[this.status] ?? ['The request failed', 'Permintaan gagal'];
    return { type: 'about:blank', title, judul, status: this.status, ...this.told };
  }
}

/** A refusal as an answer; `pointerOf` says where in the body the refused field stands. */
export function refused(
  { refused: code, because, basis, field }: Refusal,
  pointerOf: (field: string) => string = (some) => `#/${some}`,
): Problem {
  const errors = field === undefined ? {} : { errors: [{ pointer: pointerOf(field), detail: because }] };
  return new Problem(422, { type: `urn:jejak:refusal:${code}`, detail: because, basis, ...errors });
}

export const notFound = (detail: string): Problem => new Problem(404, { detail });
export const malformed = (pointer: string, detail: string): Problem =>
  new Problem(400, { detail: `${pointer} ${detail}`, errors: [{ pointer, detail }] });
