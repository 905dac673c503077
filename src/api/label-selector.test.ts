import { describe, expect, it } from 'vitest';
import { labelSelector, type LabelSelector, requirementsOf, selects } from './label-selector.ts';

const labels = { app: 'web', tier: '' };

const expression = (
  key: string,
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist',
  ...values: string[]
): LabelSelector => ({ matchExpressions: [{ key, operator, ...(values.length > 0 && { values }) }] });

describe('a selector', () => {
  it.each<[string, LabelSelector, boolean]>([
    ['without requirements selects everything', {}, true],
    ['with empty lists selects everything', { matchLabels: {}, matchExpressions: [] }, true],
    ['selects by a label of this value', { matchLabels: { app: 'web' } }, true],
    ['does not select by a label of another value', { matchLabels: { app: 'db' } }, false],
    ['does not select by a label that is absent', { matchLabels: { zone: 'a' } }, false],
    ['takes a label with an empty value as present', { matchLabels: { tier: '' } }, true],
    ['does not take an absent label as an empty one', { matchLabels: { zone: '' } }, false],
    ['takes no property of every object as a label', expression('constructor', 'Exists'), false],
    ['In holds when the value is among them', expression('app', 'In', 'db', 'web'), true],
    ['In does not hold when it is not', expression('app', 'In', 'db'), false],
    ['In does not hold for an absent key', expression('zone', 'In', 'a'), false],
    ['NotIn does not hold when the value is among them', expression('app', 'NotIn', 'db', 'web'), false],
    ['NotIn holds when it is not', expression('app', 'NotIn', 'db'), true],
    ['NotIn holds for an absent key', expression('zone', 'NotIn', 'a'), true],
    ['Exists holds for a key whatever its value', expression('tier', 'Exists'), true],
    ['Exists does not hold for an absent key', expression('zone', 'Exists'), false],
    ['DoesNotExist holds for an absent key', expression('zone', 'DoesNotExist'), true],
    ['DoesNotExist does not hold for a key whatever its value', expression('tier', 'DoesNotExist'), false],
    [
      'wants all of its requirements',
      { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'zone', operator: 'Exists' }] },
      false,
    ],
  ])('%s', (_what, selector, expected) => {
    expect(selects(selector, labels)).toBe(expected);
  });

  it('has as many requirements as labels and expressions', () => {
    expect(requirementsOf({})).toBe(0);
    expect(requirementsOf({ matchLabels: { a: '', b: '' }, ...expression('c', 'In', 'x', 'y') })).toBe(3);
  });

  it('with an operator that does not exist cannot be read', () => {
    const read = labelSelector.safeParse({ matchExpressions: [{ key: 'a', operator: 'Gt', values: ['1'] }] });
    expect(read.success).toBe(false);
  });
});
