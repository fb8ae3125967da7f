/** The double in a process of its own: `node main.mjs [port]` says where it listens in a line of JSON, and runs until its input ends. */
import { register } from 'node:module';

register('./load-typescript.mjs', import.meta.url);
const { KurrentDouble } = await import('./index.ts');

const double = await KurrentDouble.start({ port: Number(process.argv[2] ?? 0) });
process.stdout.write(`${JSON.stringify({ port: double.port, url: double.url })}\n`);
process.stdin.resume().on('end', () => double.stop());
