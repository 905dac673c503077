import { migrations } from '../../api/resource.ts';
import { migrationNamed } from '../cluster/named.ts';
import { exitCode } from '../exit-code.ts';
import { UserError } from '../failure.ts';
import { type Change, type ChangeOptions, printChanges } from '../output/changes.ts';
import { takeBack } from '../request/take-back.ts';
import type { Session } from '../session.ts';

export type CancelOptions = ChangeOptions;

/** Takes back what can be, and says of each other move why it cannot. */
export const cancel = async (words: readonly string[], options: CancelOptions, session: Session): Promise<number> => {
  const changes: Change[] = [];
  let code: number = exitCode.done;
  for (const word of words) {
    try {
      changes.push(await takeBack(await migrationNamed(word, session, migrations), options, session));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      session.terminal.err(`error: ${error.message}`);
      code = exitCode.error;
    }
  }
  await printChanges(changes, options, session.terminal);
  return code;
};
