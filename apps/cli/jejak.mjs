#!/usr/bin/env node
/** `jejak` in a clone: installs and builds what is missing, then runs the program. */
import { ensure } from '../../config/ensure.mjs';

ensure();
await import('../../dist/apps/cli/src/main.js');
