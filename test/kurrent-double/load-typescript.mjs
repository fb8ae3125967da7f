import { fileURLToPath } from 'node:url';
import { transformFile } from '@swc/core';

/** A loader hook of Node: TypeScript without its types, so that a test's child needs no build. */
export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const { code } = await transformFile(fileURLToPath(url), {
    module: { type: 'nodenext' },
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    sourceMaps: 'inline',
  });
  return { format: 'module', shortCircuit: true, source: code };
}
