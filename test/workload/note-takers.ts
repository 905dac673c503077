/**
 * Clients that give notes to the service of examples/json-service, each over one HTTP connection, and ask for them again.
 *
 *   node note-takers.ts HOST PORT CLIENTS PAUSE
 */
import { askUntilEnd, type Client } from './asking/ask.ts';
import { KeptAlive } from './asking/kept-alive.ts';

/** What the service has said to have taken. */
export interface ToldByNotes {
  readonly notes: readonly (readonly [id: number, text: string])[];
  /** The highest number of notes that it said to have taken since its start, which only its memory knows. */
  readonly taken: number;
  /** Of the one process that there may be; more than one means that it was started anew. */
  readonly instances: readonly string[];
}

interface Note {
  readonly id: number;
  readonly text: string;
  readonly state: { readonly instance: string; readonly taken: number };
}

const [host = '', port = '', count = '', pause = ''] = process.argv.slice(2);
const notes = new Map<number, string>();
const instances = new Set<string>();
let mostTaken = 0;

const taker = (_: unknown, client: number): Client => {
  const connection = new KeptAlive({ host, port: Number(port) });
  const own: number[] = [];
  let asked = 0;
  let lastTaken = 0;

  /** The number in memory never goes back, and there is one process all the way. */
  const isOfOneProcess = ({ state: { instance, taken } }: Note): boolean => {
    const isOne = taken >= lastTaken && instances.add(instance).size === 1;
    lastTaken = taken;
    mostTaken = Math.max(mostTaken, taken);
    return isOne;
  };

  const give: Client['ask'] = async () => {
    const text = `note ${String(own.length)} of client ${String(client)}`;
    const { status, body } = await connection.post('/notes', { text });
    if (status !== 201) return 'failed';
    const note = JSON.parse(body.toString()) as Note;
    const isNew = !notes.has(note.id) && note.id > (own.at(-1) ?? 0);
    notes.set(note.id, text);
    own.push(note.id);
    return isNew && note.text === text && isOfOneProcess(note) ? 'right' : 'wrong';
  };

  /** Every one of them in its turn, old and new. */
  const askBack: Client['ask'] = async () => {
    const id = own[(asked * 7) % own.length]!;
    const { status, body } = await connection.get(`/notes/${String(id)}`);
    if (status !== 200) return 'failed';
    const note = JSON.parse(body.toString()) as Note;
    return note.id === id && note.text === notes.get(id) && isOfOneProcess(note) ? 'right' : 'wrong';
  };

  return {
    ask() {
      asked += 1;
      return asked % 2 === 1 ? give() : askBack();
    },
  };
};

await askUntilEnd(Array.from({ length: Number(count) }, taker), Number(pause), (): ToldByNotes => ({
  notes: [...notes],
  taken: mostTaken,
  instances: [...instances],
}));
