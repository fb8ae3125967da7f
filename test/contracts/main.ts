import { EVENTS_FILE, OPERATIONS_FILE, readJson, writeJson } from './files.ts';
import { type Contract, generate } from './generate.ts';
import { openApi } from './open-api.ts';
import { brokenFor, type Operations, operationsIn } from './operations.ts';
import { publish } from './publish.ts';

const NONE: Contract = { envelope: {}, events: {} };

/**
 * `npm run contracts`: writes what is promised to those outside, as the code says it today, into two committed files;
 * and nothing where that would break who relies on what they say already.
 */
async function main(root: string): Promise<void> {
  const { contract, faults } = publish(readJson(root, EVENTS_FILE, NONE), generate(root));
  const operations = operationsIn(await openApi());
  const broken = brokenFor(readJson<Operations>(root, OPERATIONS_FILE, {}), operations);
  const all = [...faults, ...broken];
  if (all.length > 0)
    throw new Error(`This would break who relies on it (docs/contracts.md):\n- ${all.join('\n- ')}`);
  writeJson(root, EVENTS_FILE, contract);
  writeJson(root, OPERATIONS_FILE, operations);
  process.stdout.write(
    `${EVENTS_FILE} and ${OPERATIONS_FILE} say what the code says. Review what changed.\n`,
  );
}

main(process.cwd()).catch((cause: unknown) => {
  process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
  process.exitCode = 1;
});
