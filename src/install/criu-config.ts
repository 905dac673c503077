import { applyEdit, type Edit, revertEdit } from './edit.ts';
import type { Step } from './step.ts';

const begin = '# transship begin';
const end = '# transship end';

/** A file without what we once put into it. */
export const withoutOurs = (text: string): string => {
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) return text;
  return text.slice(0, from) + text.slice(to + end.length).replace(/^\n/, '');
};

export const withOurs = (text: string, ours: string): string => {
  const rest = withoutOurs(text);
  const separator = rest === '' || rest.endsWith('\n') ? '' : '\n';
  return `${rest}${separator}${begin}\n${ours.trimEnd()}\n${end}\n`;
};

const edit = (ours: string): Edit => ({
  path: '/etc/criu/runc.conf',
  with: (text = '') => withOurs(text, ours),
  without: (text) => {
    const rest = withoutOurs(text);
    return rest.trim() === '' && rest !== text ? undefined : rest;
  },
});

/** CRIU's settings under runc. What the administrator has written there stays. */
export const criuConfig = (ours: string): Step => ({
  what: 'the settings of CRIU',
  apply: () => applyEdit(edit(ours)),
  revert: () => revertEdit(edit(ours)),
});
