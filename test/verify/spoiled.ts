import { bundleOf, type Spoil } from './bundle.ts';
import { headsOf, type Leaf, type Plan, POLICY, plan } from './make.ts';

/** A bundle with one thing wrong: the reason that is the answer, and the index and file it is about. */
export type Spoiled = {
  readonly reason: string;
  readonly what: string;
  readonly index: number | null;
  readonly file: string | null;
  readonly bundle: Buffer;
  readonly policy: string;
};

export type About = { index?: number; file?: string; policy?: string };

/** Spoiled bundles for one reason. `change` alters the plan, or gives what interferes with the making. */
export const spoils =
  (reason: string) =>
  (
    what: string,
    { index, file, policy = POLICY }: About,
    change: (made: Plan) => Spoil | undefined,
    from: () => Plan = plan,
  ): Spoiled => {
    const made = from();
    const bundle = bundleOf(made, change(made) ?? {});
    return { reason, what, index: index ?? null, file: file ?? null, bundle, policy };
  };

/** The content of a file replaced by what `change` makes of its text. */
export const edit =
  (name: string, change: (text: string) => string) =>
  (files: Map<string, Buffer>): void => {
    files.set(name, Buffer.from(change(files.get(name)?.toString() ?? '')));
  };

/** The file copied to another name; an empty one where there is none. */
export const copy =
  (from: string, to: string) =>
  (files: Map<string, Buffer>): void => {
    files.set(to, files.get(from) ?? Buffer.alloc(0));
  };

export const drop =
  (name: string) =>
  (files: Map<string, Buffer>): void => {
    files.delete(name);
  };

/** Another base64 of as many bytes: its first character is another. */
export const otherHash = (line: string): string => (line.startsWith('A') ? 'B' : 'A') + line.slice(1);

/*
 * The journal of the plan: 0 the rule set; 1, 2 and 4 the entries of the civil servant, of which 2 names the rule set
 * and 4 a document; 3 another one's; 5 the heads; 6 a unit. asOf is 5, the checkpoint's size 7.
 */
export const leafOf = ({ leaves }: Plan, index: number): Leaf => leaves[index] as Leaf;
export const leafFile = (index: number): string => `entries/${index}.leaf.json`;
export const at = (index: number): About => ({ index, file: leafFile(index) });

/** The heads are committed to as they are of these leaves. */
export const recommit = (made: Plan, leaves: readonly Leaf[]): void => {
  const { count, root, head } = headsOf(leaves);
  leafOf(made, 5).data = { asOf: made.asOf, count, root };
  made.head = head;
};
