import type { DueHook } from './due.ts';

/** What whoever runs hooks knows of one that it was given. */
export type HookReport =
  | { readonly state: 'running' }
  | {
      readonly state: 'ended';
      /** Why it has failed; undefined when it has not. */
      readonly failure?: string | undefined;
      readonly output: string;
      readonly ms: number;
    };

/** By {@link hookID}, of one Migration. What is not in it is not being run by this process. */
export type HookReports = ReadonlyMap<string, HookReport>;

export const hookID = ({ hook, attempt }: DueHook): string => `${hook.point}/${hook.from}/${attempt}`;
