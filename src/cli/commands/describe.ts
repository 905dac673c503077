import type { Migration } from '../../api/migration.ts';
import { migrations } from '../../api/resource.ts';
import { events, type KubeEvent } from '../../kube/builtin-resources.ts';
import { migrationNamed } from '../cluster/named.ts';
import { listAll } from '../cluster/pages.ts';
import { ifPermitted } from '../cluster/permitted.ts';
import { exitCode } from '../exit-code.ts';
import { description } from '../output/description.ts';
import type { Session } from '../session.ts';

/** Not those of an earlier Migration of the same name. */
const eventsOf = ({ metadata }: Migration, session: Session): Promise<readonly KubeEvent[] | undefined> =>
  ifPermitted(
    listAll(events, { namespace: metadata.namespace, fieldSelector: `regarding.uid=${metadata.uid}` }, session),
  );

/** Shows all that is known of each move. */
export const describe = async (words: readonly string[], session: Session): Promise<number> => {
  const { terminal, clock } = session;
  for (const [index, word] of words.entries()) {
    const migration = await migrationNamed(word, session, migrations);
    const lines = description({ migration, events: await eventsOf(migration, session), now: clock.now() });
    if (index > 0) terminal.out('');
    for (const line of lines) terminal.out(line);
  }
  return exitCode.done;
};
