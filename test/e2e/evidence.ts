import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { tryKubectl } from '../cluster/kubectl.ts';

/*
 * What the cluster looked like when a test had failed, in out/evidence: the test takes its namespace away a moment
 * later, and with it everything that could have told why.
 */

const folder = join(import.meta.dirname, '..', '..', 'out', 'evidence');

const everywhere = ['-A', '-o'] as const;
const questions: readonly (readonly string[])[] = [
  ['get', 'nodes', '-o', 'wide'],
  ['get', 'pods', ...everywhere, 'wide'],
  ['get', 'events', '-A', '--sort-by=.metadata.creationTimestamp'],
  ['get', 'migrations.transship.dev', ...everywhere, 'yaml'],
  ...['controller', 'agent'].map((component) => [
    ...['logs', '-n', 'transship-system', '-l', `app.kubernetes.io/component=${component}`, '--prefix', '--tail=400'],
  ]),
];

const answerTo = async (question: readonly string[]): Promise<string> => {
  const { stdout, stderr } = await tryKubectl(...question);
  return `$ kubectl ${question.join(' ')}\n${stdout}${stderr}`;
};

const fileOf = (test: string): string => join(folder, `${test.replaceAll(/[^\w.-]+/g, '-').slice(0, 120)}.txt`);

afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return;
  const answers = await Promise.all(questions.map(answerTo));
  await mkdir(folder, { recursive: true });
  await writeFile(fileOf(`${task.file.name} ${task.name}`), answers.join('\n'));
});
