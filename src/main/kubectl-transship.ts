#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

// Before anything of ours is loaded, so that it is compiled once and not at each command. Beside the cache of kubectl
// itself, and not in Node's default folder: that is in /tmp, where others could put code for us to run.
enableCompileCache(join(homedir(), '.kube', 'cache', 'transship'));

const { runPlugin } = await import('./plugin.ts');
// Not `exitCode`: a connection that is kept open for reuse would keep the process.
process.exit(await runPlugin(process.argv.slice(2), process.env));
