// The tasks in SQLite. Every statement names the owner, so no function can return another user's task.
import { randomUUID } from 'node:crypto'
import Database from 'libsql'

export const MAX_TASKS = 500
const database = new Database(process.env.TASKS_DATABASE ?? 'tasks.db')
database.exec(`
  PRAGMA journal_mode = WAL;
  CREATE TABLE IF NOT EXISTS task (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    title TEXT NOT NULL,
    done INTEGER NOT NULL DEFAULT 0,
    external_number TEXT
  );
  CREATE INDEX IF NOT EXISTS task_owner ON task (owner, number);
`)

const columns = 'id, title, done, external_number'
const all = database.prepare(`SELECT ${columns} FROM task WHERE owner = ? ORDER BY number`)
const one = database.prepare(`SELECT ${columns} FROM task WHERE owner = ? AND id = ?`)
const insert = database.prepare(`
  INSERT INTO task (owner, id, title, external_number) SELECT ?, ?, ?, ? WHERE (SELECT count(*) FROM task WHERE owner = ?) < ${MAX_TASKS}
`)
const update = database.prepare('UPDATE task SET done = ? WHERE owner = ? AND id = ?')
const remove = database.prepare('DELETE FROM task WHERE owner = ? AND id = ?')

// As text, because SQLite's integers end at 19 digits.
const fromRow = ({ id, title, done, external_number }) =>
  ({ id, title, done: done === 1, externalNumber: external_number === null ? null : BigInt(external_number) })

export const tasksOf = (owner) => all.all(owner).map(fromRow)

export function findTask(owner, id) {
  const row = one.get(owner, id)
  return row ? fromRow(row) : null
}

/** Returns the new task, or null when the owner has too many. */
export function addTask(owner, title, externalNumber) {
  const id = `task_${randomUUID().replaceAll('-', '')}`
  insert.run(owner, id, title, externalNumber?.toString() ?? null, owner)
  return findTask(owner, id)
}

/** Returns the changed task, or null when the owner has no such task. */
export function setTaskDone(owner, id, done) {
  update.run(done ? 1 : 0, owner, id)
  return findTask(owner, id)
}

/** Returns whether the owner had this task. */
export const deleteTask = (owner, id) => remove.run(owner, id).changes === 1
