import { expect, it } from 'vitest';
import { objectsIn } from './shared.ts';

it.each([
  ['none', '       key      shmid perms\n', 0],
  ['each', '       key      shmid perms\n  1  0 600\n  2  1 600\n', 2],
])('counts %s of the objects in a table of the kernel', (_which, table, count) => {
  expect(objectsIn(table)).toBe(count);
});
