import { describe, expect, it } from 'vitest';
import { parseControllerConfig } from './controller-config.ts';

const env = { POD_NAME: 'controller-1' };

describe('eviction requests', () => {
  it.each([
    [undefined, false],
    ['false', false],
    ['true', true],
  ])('TRANSSHIP_EVICTION_REQUESTS=%s responds to them: %s', (value, expected) => {
    const given = value === undefined ? env : { ...env, TRANSSHIP_EVICTION_REQUESTS: value };
    expect(parseControllerConfig(given).evictionRequests).toBe(expected);
  });

  it('are not left to a guess', () => {
    expect(() => parseControllerConfig({ ...env, TRANSSHIP_EVICTION_REQUESTS: 'yes' })).toThrow(
      /TRANSSHIP_EVICTION_REQUESTS.*"true"\|"false"/,
    );
  });
});
