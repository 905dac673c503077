import { beforeEach, describe, expect, it } from 'vitest';
import { migrationWith } from '../../api/pod-fixture.ts';
import { migrations } from '../../api/resource.ts';
import { ApiError } from '../../kube/api-error.ts';
import { createPlugin, type Plugin } from '../plugin-fixture.ts';

let plugin: Plugin;

const put = (name: string, phase: string, metadata: object = {}): void => {
  plugin.api.put(migrations, migrationWith({ metadata: { name, ...metadata }, status: { phase } }));
};

const become = async (name: string, phase: string): Promise<void> => {
  await plugin.clock.advance(0);
  await plugin.api.patch(migrations, { namespace: 'shop', name }, { status: { phase } }, { subresource: 'status' });
  await plugin.clock.advance(0);
};

const stopped = async (watching: Promise<number>): Promise<number> => {
  await plugin.clock.advance(0);
  plugin.interrupt();
  return watching;
};

describe('watch', () => {
  beforeEach(() => {
    plugin = createPlugin();
  });

  it('prints a line for each change, under one header, until it is stopped', async () => {
    put('a', 'Pending');
    const watching = plugin.run('watch');
    await become('a', 'Moving');
    await plugin.clock.advance(5_000);
    put('b', 'Pending', { creationTimestamp: '2026-01-01T00:00:05Z' });
    expect(await stopped(watching)).toBe(130);
    expect(plugin.out()).toEqual([
      'NAME   TARGET   PHASE        FREEZE   AGE',
      'a               Pending               0s',
      'a               Moving                0s',
      'b               Pending               0s',
    ]);
    expect(plugin.err()).toEqual([]);
  });

  it('shows those that are named, or selected, or all', async () => {
    put('a', 'Pending');
    put('b', 'Pending', { labels: { wave: '1' } });
    put('c', 'Pending', { namespace: 'other' });
    const shownBy = async (...words: string[]): Promise<readonly string[]> => {
      const ended = plugin.run('watch', ...words);
      await plugin.clock.advance(0);
      for (const name of ['a', 'b']) await become(name, 'Failed');
      await plugin.api.patch(
        migrations,
        { namespace: 'other', name: 'c' },
        { status: { phase: 'Failed' } },
        { subresource: 'status' },
      );
      await ended;
      for (const [name, namespace] of [
        ['a', 'shop'],
        ['b', 'shop'],
        ['c', 'other'],
      ] as const)
        put(name, 'Pending', { namespace, ...(name === 'b' && { labels: { wave: '1' } }) });
      const column = words.includes('-A') ? 1 : 0;
      return [
        ...new Set(
          plugin
            .out()
            .slice(1)
            .map((line) => line.split(/ +/)[column] ?? ''),
        ),
      ].toSorted();
    };
    expect(await shownBy('migration/a', '--until-finished')).toEqual(['a']);
    expect(await shownBy('-l', 'wave=1', '--until-finished')).toEqual(['b']);
    expect(await shownBy('-A', '--until-finished')).toEqual(['a', 'b', 'c']);
  });

  it.each([
    ['Succeeded', 0],
    ['Failed', 2],
  ])('--until-finished ends by itself, after %s with %d', async (phase, code) => {
    put('a', 'Succeeded');
    put('b', 'Moving');
    const watching = plugin.run('watch', '--until-finished');
    await become('b', phase);
    expect(await watching).toBe(code);
  });

  it('sees on when the API server ends the watch', async () => {
    put('a', 'Moving');
    const watching = plugin.run('watch', '--until-finished');
    await plugin.clock.advance(0);
    plugin.api.endWatches();
    await become('a', 'Succeeded');
    await plugin.clock.advance(1_000);
    expect(await watching).toBe(0);
  });

  it('tells of trouble and looks again', async () => {
    put('a', 'Moving');
    let broken = true;
    plugin.api.intercept(({ verb }) => {
      if (verb === 'watch' && broken)
        throw new ApiError({ code: 503, reason: '', message: 'the server is going down' });
    });
    const watching = plugin.run('watch', '--until-finished');
    await plugin.clock.advance(0);
    broken = false;
    await become('a', 'Succeeded');
    await plugin.clock.advance(1_000);
    expect(await watching).toBe(0);
    expect(plugin.err().join('\n')).toMatch(
      /^Warning: lost sight of the cluster, looking again in \d+ ms: the server is going down$/,
    );
  });

  it('says at once when it may not', async () => {
    plugin.api.intercept(() => {
      throw new ApiError({ code: 403, reason: 'Forbidden', message: 'migrations is forbidden' });
    });
    expect(await plugin.run('watch')).toBe(1);
    expect(plugin.err()).toEqual(['error: migrations is forbidden']);
  });
});

describe('watch on a terminal', () => {
  beforeEach(() => {
    plugin = createPlugin({ isTTY: true });
  });

  it('draws the table anew, at each change and each second', async () => {
    put('a', 'Moving');
    const watching = plugin.run('watch');
    await plugin.clock.advance(1_000);
    await become('a', 'Succeeded');
    await stopped(watching);
    const up = '\u001b[2A\r\u001b[0J';
    expect(plugin.out()).toEqual([
      '\r\u001b[0JNAME   TARGET   PHASE        FREEZE   AGE',
      'a               Moving                0s',
      `${up}NAME   TARGET   PHASE        FREEZE   AGE`,
      'a               Moving                1s',
      `${up}NAME   TARGET   PHASE        FREEZE   AGE`,
      'a               Succeeded             1s',
    ]);
  });

  it('shows the newest when not all have room', async () => {
    for (let second = 0; second < 20; second += 1)
      put(`m-${second}`, 'Pending', { creationTimestamp: new Date(plugin.clock.now() + second * 1_000).toISOString() });
    await stopped(plugin.run('watch'));
    const lines = plugin.out();
    expect(lines).toHaveLength(9);
    expect(lines[1]).toMatch(/^m-19 /);
    expect(lines.at(-1)).toBe('… and 13 more');
  });

  it('says when there is nothing yet', async () => {
    await stopped(plugin.run('watch'));
    expect(plugin.out()).toEqual(['\r\u001b[0JNo migrations found in shop namespace.']);
  });
});
