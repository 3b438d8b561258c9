// Users of Node backends: bcryptjs and better-auth hash their passwords. Prints JSON lines for `gatelodge user import`.
//
//   node node_people.mjs > node.jsonl

import bcrypt from 'bcryptjs'
import { hashPassword } from 'better-auth/crypto'

const people = [
  { username: 'node', password_hash: await bcrypt.hash('bcrypt by node ß', 10) },
  { username: 'node72', password_hash: await bcrypt.hash('x'.repeat(72) + 'what comes after it counts for nothing', 10) },
  { username: 'better', password_hash: await hashPassword('better-auth, by default') },
  // Two compatibility characters and a letter with its accent apart: better-auth hashes the normal form.
  { username: 'better-nfkc', password_hash: await hashPassword('ﬁne Ⅷ cafe\u0301') },
]
for (const [index, person] of people.entries()) console.log(JSON.stringify({ external_id: `node-${index}`, ...person }))
