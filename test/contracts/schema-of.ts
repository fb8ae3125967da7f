import ts from 'typescript';

/** The part of JSON Schema (draft 2020-12) that our types need; it means the same in draft 7 and in OpenAPI 3.1. */
export type Schema = {
  readonly title?: string;
  readonly description?: string;
  readonly 'x-classification'?: string;
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: true;
};

/** Changes the schema of an object that is an event in an event; others it leaves as they are. */
export type Mark = (schema: Schema) => Schema;

/**
 * The JSON Schema of a TypeScript type, with nothing to look up elsewhere. `node`: the type as it is written, for what the
 * checker forgets: the name and the tags (`@format`, `@pattern`, `@asType`) of an alias of text or of a number.
 * Throws where a type has no counterpart in JSON.
 */
export class SchemaOf {
  constructor(
    private readonly checker: ts.TypeChecker,
    private readonly mark: Mark,
  ) {}

  of(type: ts.Type, node?: ts.TypeNode): Schema {
    const alias = this.#aliasOf(node);
    return { ...(alias ? told(alias) : {}), ...this.#shape(type, node), ...(alias ? tagged(alias) : {}) };
  }

  /** The type that a name stands for, if it is ours and takes no parameters. */
  #aliasOf(node: ts.TypeNode | undefined): ts.TypeAliasDeclaration | undefined {
    if (!node || !ts.isTypeReferenceNode(node) || node.typeArguments) return undefined;
    const named = this.checker.getSymbolAtLocation(node.typeName);
    const symbol = named && named.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(named) : named;
    return symbol?.declarations?.find(ts.isTypeAliasDeclaration);
  }

  #shape(type: ts.Type, node?: ts.TypeNode): Schema {
    const plain = PLAIN.find(([flag]) => type.flags & flag)?.[1];
    if (plain) return plain;
    if (type.isStringLiteral()) return { type: 'string', const: type.value };
    if (type.isUnion()) return this.#union(type);
    if (this.checker.isArrayType(type)) return this.#list(type as ts.TypeReference, node);
    if (type.isIntersection() || type.flags & ts.TypeFlags.Object) return this.#object(type);
    throw new Error(`${this.checker.typeToString(type)} has no counterpart in JSON Schema`);
  }

  /** Words as an enum, in the order of the alphabet: the checker's own changes with code that is elsewhere. */
  #union({ types }: ts.UnionType): Schema {
    const words = types.filter((type) => type.isStringLiteral()).map(({ value }) => value);
    return words.length === types.length
      ? { type: 'string', enum: words.sort() }
      : { anyOf: types.map((type) => this.of(type)) };
  }

  #list(type: ts.TypeReference, node?: ts.TypeNode): Schema {
    const [element] = this.checker.getTypeArguments(type);
    if (!element) throw new Error('a list of nothing');
    return { type: 'array', items: this.of(element, elementOf(node)) };
  }

  /** Other properties than these may come: a reader passes over what it does not know. */
  #object(type: ts.Type): Schema {
    const own = this.checker.getPropertiesOfType(type);
    const properties = own.map((property) => [property.name, this.#property(property)] as const);
    const required = own.filter(({ flags }) => !(flags & ts.SymbolFlags.Optional)).map(({ name }) => name);
    return this.mark({
      type: 'object',
      ...(properties.length > 0 ? { properties: Object.fromEntries(properties) } : {}),
      ...(required.length > 0 ? { required } : {}),
      additionalProperties: true,
    });
  }

  #property(property: ts.Symbol): Schema {
    const declared = property.declarations?.find(ts.isPropertySignature);
    const type = this.checker.getNonNullableType(this.checker.getTypeOfSymbol(property));
    const schema = this.of(type, declared?.type);
    if (!declared) return schema;
    const { title: _, ...own } = told(declared);
    return { ...schema, ...own, ...tagged(declared) };
  }
}

const PLAIN: readonly (readonly [ts.TypeFlags, Schema])[] = [
  [ts.TypeFlags.Unknown, {}],
  [ts.TypeFlags.String, { type: 'string' }],
  [ts.TypeFlags.Number, { type: 'number' }],
  [ts.TypeFlags.Boolean, { type: 'boolean' }],
  [ts.TypeFlags.NonPrimitive, { type: 'object', additionalProperties: true }],
];

type Named = ts.TypeAliasDeclaration | ts.PropertySignature;

/** The name of a type or property, and what its doc comment says. */
export function told(declared: Named): Pick<Schema, 'title' | 'description'> {
  const [doc] = ts.getJSDocCommentsAndTags(declared).filter(ts.isJSDoc);
  const words = ts.getTextOfJSDocComment(doc?.comment)?.replaceAll(/\s+/g, ' ');
  return { title: declared.name.getText(), ...(words ? { description: words } : {}) };
}

/** What the tags of a doc comment say of the form. */
function tagged(declared: Named): Schema {
  const tags = ts.getJSDocTags(declared).map(({ tagName, comment }) => {
    const keyword = tagName.text === 'asType' ? 'type' : tagName.text;
    return [keyword, ts.getTextOfJSDocComment(comment) ?? ''] as const;
  });
  return Object.fromEntries(tags.filter(([keyword]) => ['type', 'format', 'pattern'].includes(keyword)));
}

/** How the elements of a list are written. */
function elementOf(node: ts.TypeNode | undefined): ts.TypeNode | undefined {
  if (node && ts.isTypeOperatorNode(node)) return elementOf(node.type);
  return node && ts.isArrayTypeNode(node) ? node.elementType : undefined;
}
