import type { ToldByNotes } from '../workload/note-takers.ts';
import type { Example } from './example.ts';
import { inside } from './inside.ts';
import { startProgram } from './program-load.ts';

const takers = 4;
const pauseMs = 10;

/** Another process reads the same database, write-ahead log and all, and has SQLite look at every page of it. */
const read = `
const { DatabaseSync } = require('node:sqlite');
const database = new DatabaseSync('/data/notes.db', { readOnly: true });
const notes = database.prepare('SELECT id, text FROM notes').all().map(({ id, text }) => [id, text]);
console.log(JSON.stringify({ notes, check: database.prepare('PRAGMA integrity_check').get().integrity_check }));
`;

interface Stored {
  readonly notes: ToldByNotes['notes'];
  readonly check: string;
}

export const jsonService: Example<ToldByNotes> = {
  name: 'json-service',

  load(pod) {
    const server = { host: pod.status.podIP ?? '', port: 8080 };
    return startProgram<ToldByNotes>('note-takers.ts', server, String(takers), String(pauseMs));
  },

  async differences(pod, told) {
    const script = `node --disable-warning=ExperimentalWarning -e "${read}"`;
    const { notes, check } = JSON.parse(await inside(pod, script)) as Stored;
    const stored = new Map(notes);
    const ids = new Set(told.notes.map(([id]) => id));
    return [
      ...(check === 'ok' ? [] : [`SQLite says of its database: ${check}`]),
      ...(told.instances.length === 1 ? [] : ['the program was started anew']),
      ...(told.taken === told.notes.length
        ? []
        : [`${String(told.notes.length)} notes were taken, and ${String(told.taken)} remembered`]),
      ...told.notes
        .filter(([id, text]) => stored.get(id) !== text)
        .map(([id, text]) => `note ${String(id)} was "${text}", and is ${JSON.stringify(stored.get(id))}`),
      ...notes.filter(([id]) => !ids.has(id)).map(([id]) => `nobody was told of note ${String(id)}`),
    ];
  },

  kill: 'kill -TERM 1',
};
