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

describe('sinks of events', () => {
  const sinksOf = (text: string) => parseControllerConfig({ ...env, TRANSSHIP_EVENT_SINKS: text }).sinks;

  it('are none where none is named', () => {
    expect(parseControllerConfig(env).sinks).toEqual([]);
    expect(sinksOf(' ')).toEqual([]);
  });

  it('have a name and an address', () => {
    expect(sinksOf('audit=https://audit.example/in?a=b broker=http://broker.svc')).toEqual([
      { name: 'audit', url: 'https://audit.example/in?a=b' },
      { name: 'broker', url: 'http://broker.svc' },
    ]);
  });

  it.each([
    ['https://audit.example', /"https:\/\/audit.example" is no name/],
    ['audit', /audit has no address/],
    ['audit=ftp://x', /audit has no address/],
    ['audit=http://user:secret@x', /without user and password/],
    ['a=http://x a=http://y', /a is named twice/],
    ['B=http://x c=y', /"B" is no name[\s\S]*c has no address/],
  ])('written as %s are refused, every mistake at once', (text, words) => {
    expect(() => sinksOf(text)).toThrow(words);
  });
});
