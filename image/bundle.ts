import { build } from 'esbuild';

/** Optional natives of ssh2, which docker-modem would use to reach a Docker Engine over SSH. We never do, and they fall back. */
const optionalNatives = ['cpu-features', '*.node'];

/** Dependencies in CommonJS call `require` and read `__dirname`; an ES module has neither. */
const commonJs = `import { createRequire as __createRequire } from 'node:module';
import { dirname as __directoryOf } from 'node:path';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename;
const __dirname = __directoryOf(__filename);`;

/** One file a program, with all of its dependencies: an image needs no node_modules, and starts faster. */
export async function bundle(entries: readonly string[], folder: string): Promise<void> {
  await build({
    entryPoints: [...entries],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    // Stack traces are read by people; the image is no smaller for it after the Node.js in it.
    minify: false,
    keepNames: true,
    legalComments: 'none',
    external: optionalNatives,
    banner: { js: commonJs },
    logLevel: 'warning',
  });
}
