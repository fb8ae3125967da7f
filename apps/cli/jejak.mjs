#!/usr/bin/env node
/** `jejak` in a clone: builds what is missing, then runs the program. */
process.argv.splice(2, 0, 'build');
await import('../../config/ensure.mjs');
process.argv.splice(2, 1);
await import('../../dist/apps/cli/src/main.js');
