import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPlugin } from '../plugin-fixture.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'transship-completion-'));
  const program = '#!/bin/sh\nprintf "%s|" "$@" > "$0.words"\nprintf "wide\\tall columns\\nyaml\\n:4\\n"\n';
  writeFileSync(join(folder, 'kubectl-transship'), program, { mode: 0o755 });
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const scriptFor = async (shell: string): Promise<string> => {
  const plugin = createPlugin();
  expect(await plugin.run('completion', shell)).toBe(0);
  return plugin.out().join('\n');
};

const ran = (file: string, ...words: readonly string[]): string =>
  execFileSync(file, words, {
    encoding: 'utf8',
    // bash takes a socket for a remote login and reads the person's own files.
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: [folder, process.env['PATH']].join(delimiter) },
  });

const wordsAsked = (): string => execFileSync('cat', [join(folder, 'kubectl-transship.words')], { encoding: 'utf8' });

describe('completion', () => {
  it('bash completes the word that is being written', async () => {
    const line =
      'COMP_WORDS=(kubectl-transship get -o "" more); COMP_CWORD=3; _kubectl_transship; printf "%s\\n" "${COMPREPLY[@]}"';
    expect(ran('bash', '-c', `${await scriptFor('bash')}\n${line}`)).toBe('wide\nyaml\n');
    expect(wordsAsked()).toBe('__complete|get|-o||');
  });

  it('kubectl calls a program that passes all words on', async () => {
    const path = join(folder, 'kubectl_complete-transship');
    writeFileSync(path, `${await scriptFor('kubectl')}\n`, { mode: 0o755 });
    expect(ran(path, 'get', '-o', '')).toBe('wide\tall columns\nyaml\n:4\n');
    expect(wordsAsked()).toBe('__complete|get|-o||');
  });

  it.each(['zsh', 'fish'])('%s asks the program, too', async (shell) => {
    expect(await scriptFor(shell)).toContain('kubectl-transship __complete');
  });

  it('knows no other shells', async () => {
    const plugin = createPlugin();
    expect(await plugin.run('completion', 'tcsh')).toBe(1);
    expect(plugin.err()[0]).toContain('Allowed choices are bash, zsh, fish, kubectl');
  });
});
