/**
 * Notes over HTTP, kept in SQLite, and a state that only this very process has in its memory.
 *
 *   node server.mts DATABASE PORT
 *
 *   POST /notes {"text"}   201 {"id", "text", "state"}
 *   GET  /notes/ID         200 {"id", "text", "state"}, or 404
 *   GET  /state            200 {"instance", "taken", "stored"}
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { DatabaseSync } from 'node:sqlite';
import { json } from 'node:stream/consumers';

const [file = ':memory:', port = '8080'] = process.argv.slice(2);

const database = new DatabaseSync(file);
// As most servers have it: the index of the write-ahead log is memory that is mapped from a file.
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
database.exec('CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT');
const insert = database.prepare('INSERT INTO notes (text) VALUES (?)');
const select = database.prepare('SELECT id, text FROM notes WHERE id = ?');
const count = database.prepare('SELECT count(*) AS stored FROM notes');

/** Anew with every start of the program. */
const instance = randomUUID();
let taken = 0;

interface Answer {
  readonly status: number;
  readonly body: object;
}

const state = () => ({ instance, taken });

const take = async (request: IncomingMessage): Promise<Answer> => {
  const { text } = (await json(request)) as { readonly text?: unknown };
  if (typeof text !== 'string') return { status: 400, body: { error: 'text has to be a string' } };
  const { lastInsertRowid } = insert.run(text);
  taken += 1;
  return { status: 201, body: { id: Number(lastInsertRowid), text, state: state() } };
};

const find = (id: number): Answer => {
  const note = select.get(id);
  return note ? { status: 200, body: { ...note, state: state() } } : { status: 404, body: { error: 'no such note' } };
};

const answer = (request: IncomingMessage): Answer | Promise<Answer> => {
  const { method, url = '' } = request;
  const [, id] = /^\/notes\/(\d+)$/.exec(url) ?? [];
  if (method === 'POST' && url === '/notes') return take(request);
  if (method === 'GET' && id !== undefined) return find(Number(id));
  if (method === 'GET' && url === '/state') return { status: 200, body: { ...state(), ...count.get() } };
  return { status: 404, body: { error: 'no such place' } };
};

const server = createServer((request, response) => {
  void Promise.resolve(answer(request))
    .catch((error: unknown): Answer => ({ status: 400, body: { error: String(error) } }))
    .then(({ status, body }) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
    );
});
// By default Node.js ends a connection after five seconds without a request.
server.keepAliveTimeout = 60_000;
server.listen(Number(port));

process.once('SIGTERM', () => {
  server.close(() => database.close());
  server.closeIdleConnections();
});
