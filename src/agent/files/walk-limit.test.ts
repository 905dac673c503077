import { expect, it } from 'vitest';
import { refuseTooMany } from './walk-limit.ts';

it('lets files be looked through for a quarter of the time for which a pod may stand still', () => {
  expect(() => refuseTooMany({ files: 1_000_000, ms: 2_500 }, 10)).not.toThrow();
  expect(() => refuseTooMany({ files: 1_000_000, ms: 2_501 }, 10)).toThrow(
    'the pod has 1000000 files, to look through which takes 2.5 s, and it may stand still for 10 s',
  );
  expect(() => refuseTooMany({ files: 3, ms: 251 }, 1)).toThrow('and it may stand still for 1 s');
});
