import { join, resolve } from 'node:path';
import { CATALOGUE, type Listed } from '@app/domain/catalogue';
import ts from 'typescript';
import { type Schema, SchemaOf, told } from './schema-of.ts';

/** What integrators are promised: how an event is told, and the data of each type, under `<Type>/<version>`. */
export type Contract = {
  readonly envelope: Schema;
  readonly events: Readonly<Record<string, Schema>>;
};

const EVENTS = 'libs/domain/src/domain-event.ts';
const ENVELOPE = 'libs/delivery/src/cloud-event.ts';

/** The contract that the types and the catalogue of a checkout make. `root`: where it is. */
export function generate(root: string): Contract {
  const program = programOf(root);
  const checker = program.getTypeChecker();
  const schemas = new SchemaOf(checker, markNested);
  const docs = docsIn(program);
  const exported = (file: string, name: string) => {
    const source = program.getSourceFile(join(root, file));
    const module = source && checker.getSymbolAtLocation(source);
    const symbol = module && checker.getExportsOfModule(module).find((one) => one.name === name);
    if (!symbol) throw new Error(`${file} exports no type ${name}`);
    return checker.getDeclaredTypeOfSymbol(symbol);
  };
  const union = exported(EVENTS, 'DomainEvent');
  const events = (union.isUnion() ? union.types : []).map((event) => {
    const type = (propertyOf(checker, event, 'type') as ts.StringLiteralType).value;
    const { version } = listed(type);
    const schema = marked(type, schemas.of(propertyOf(checker, event, 'data')));
    return [`${type}/${version}`, { ...docs.get(type), ...schema }] as const;
  });
  const envelope = { ...docs.get('CloudEvent'), ...schemas.of(exported(ENVELOPE, 'CloudEvent')) };
  return { envelope, events: Object.fromEntries(events.sort(([a], [b]) => (a < b ? -1 : 1))) };
}

/** Only the domain is looked up beside these two files; what they need of other rooms says nothing of shapes. */
function programOf(root: string): ts.Program {
  const file = join(root, 'tsconfig.json');
  const { config } = ts.readConfigFile(file, ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, resolve(root));
  const domain = options.paths?.['@app/domain/*'] ?? [];
  const paths = { '@app/domain/*': domain.map((path) => resolve(root, path)) };
  return ts.createProgram(
    [EVENTS, ENVELOPE].map((name) => join(root, name)),
    { ...options, paths, types: [], noEmit: true },
  );
}

function propertyOf(checker: ts.TypeChecker, type: ts.Type, name: string): ts.Type {
  const property = type.getProperty(name);
  if (!property) throw new Error(`${checker.typeToString(type)} has no ${name}`);
  return checker.getTypeOfSymbol(property);
}

/** The name and the doc comment of every type in our files: the checker gives those of `Event` to each event. */
function docsIn(program: ts.Program): ReadonlyMap<string, Schema> {
  const ours = program.getSourceFiles().filter(({ fileName }) => /\/libs\/[a-z-]+\/src\//.test(fileName));
  const types = ours.flatMap(({ statements }) => statements.filter(ts.isTypeAliasDeclaration));
  return new Map(types.map((type) => [type.name.text, told(type)]));
}

function listed(type: string): Listed {
  const found = Object.entries(CATALOGUE).find(([name]) => name === type)?.[1];
  if (!found) throw new Error(`${type} is not in the catalogue`);
  return found;
}

/** With the classes of a type and of its fields; a field that is held closer than its event may be kept back. */
function marked(type: string, { properties = {}, required = [], ...rest }: Schema): Schema {
  const { class: own, fields = {} } = listed(type);
  const classed = Object.entries(properties).map(([name, of]) => {
    const held = fields[name];
    return [name, held === undefined ? of : { ...of, 'x-classification': held }] as const;
  });
  return {
    'x-classification': own,
    ...rest,
    properties: Object.fromEntries(classed),
    required: required.filter((name) => fields[name] === undefined),
  };
}

/** An event in an event (what a correction says now) is classed, too. */
function markNested(schema: Schema): Schema {
  const { type, data } = schema.properties ?? {};
  if (type?.const === undefined || data === undefined) return schema;
  return { ...schema, title: type.const, properties: { type, data: marked(type.const, data) } };
}
