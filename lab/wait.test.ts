import { expect, it } from 'vitest';

import { until } from './wait.ts';

it('asks again after a failure and returns the first answer', async () => {
  const answers = [new Error('not yet'), undefined, 'here'];
  const ask = (): Promise<string | undefined> => {
    const answer = answers.shift();
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  await expect(until({ what: 'a thing', timeoutMs: 10_000, everyMs: 1 }, ask)).resolves.toBe('here');
});

it('names what it waited for and the last failure', async () => {
  const never = until({ what: 'a thing', timeoutMs: 5, everyMs: 1 }, () => Promise.reject(new Error('it is away')));
  await expect(never).rejects.toThrow(/a thing.*it is away/);
});
