// A task list behind Gatelodge. It has no login of its own: the gateway's identity token says whose tasks these are.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { useServer } from 'graphql-ws/use/ws'
import { createPubSub, createSchema, createYoga } from 'graphql-yoga'
import { WebSocketServer } from 'ws'
import { addTask, deleteTask, findTask, MAX_TASKS, setTaskDone, tasksOf } from './database.js'
import { identity, userOf } from './identity.js'
import { BigIntScalar, exactNumbers } from './numbers.js'

const MAX_TITLE = 200 // characters
const sdl = readFileSync(new URL('tasks.graphql', import.meta.url), 'utf8')

// How the gateway asks for the fields that this service adds to the gateway's User, as in Apollo Federation.
const federation = `
  scalar _Any
  union _Entity = User
  type _Service { sdl: String! }
  extend type Query {
    _entities(representations: [_Any!]!): [_Entity]!
    _service: _Service!
  }
`

const problem = (code, message, field = null) => [{ code, message, field }]
const notFound = problem('NOT_FOUND', 'There is no such task', ['id'])

function titleProblems(title) {
  if (title === '') return problem('REQUIRED', 'Enter a title', ['title'])
  if ([...title].length > MAX_TITLE) return problem('TOO_LONG', `Use at most ${MAX_TITLE} characters`, ['title'])
  return []
}

const changes = createPubSub()
/** Reports to the pages of a user that the tasks have changed. Returns the payload as it is. */
function changed(userId, payload) {
  if (payload.userErrors.length === 0) changes.publish('tasks', userId, userId)
  return payload
}

// `userId` is the token's subject. No resolver takes a user's id from anywhere else.
const resolvers = {
  BigInt: BigIntScalar,
  Node: { __resolveType: () => 'Task' },
  _Entity: { __resolveType: () => 'User' },
  User: {
    tasks: ({ id }) => tasksOf(id),
  },
  Query: {
    tasks: (_, __, { userId }) => tasksOf(userId),
    node: (_, { id }, { userId }) => findTask(userId, id),
    // Only the signed-in user has tasks here. Any other id is answered with null.
    _entities: (_, { representations }, { userId }) =>
      representations.map(({ __typename, id }) => (__typename === 'User' && id === userId ? { id: userId } : null)),
    _service: () => ({ sdl }),
  },
  Mutation: {
    addTask(_, { input }, { userId }) {
      const title = input.title.trim()
      const problems = titleProblems(title)
      const task = problems.length === 0 ? addTask(userId, title, input.externalNumber) : null
      if (!task && problems.length === 0) problems.push(...problem('TOO_MANY', `You have ${MAX_TASKS} tasks. Delete some first`))
      return changed(userId, { task, user: { id: userId }, userErrors: problems })
    },
    setTaskDone(_, { input }, { userId }) {
      const task = setTaskDone(userId, input.id, input.done)
      return changed(userId, { task, userErrors: task ? [] : notFound })
    },
    deleteTask(_, { input }, { userId }) {
      const isDeleted = deleteTask(userId, input.id)
      return changed(userId, { deletedTaskId: isDeleted ? input.id : null, user: { id: userId }, userErrors: isDeleted ? [] : notFound })
    },
  },
  Subscription: {
    tasksChanged: { subscribe: (_, __, { userId }) => changes.subscribe('tasks', userId), resolve: (userId) => userId },
  },
}

const schema = createSchema({ typeDefs: [sdl, federation], resolvers })
const yoga = createYoga({
  schema,
  plugins: [identity, exactNumbers],
  // Browsers talk to the gateway, never to this service.
  cors: false,
  graphiql: false,
  landingPage: false,
})
const server = createServer(yoga)
const refuse = (error) => { console.warn('identity token:', error.message); return false }
// The gateway closes a WebSocket when the user's session ends. Until then the token of its beginning counts.
const sockets = useServer({
  schema,
  onConnect: ({ connectionParams, extra }) =>
    userOf(connectionParams?.Authorization).then((userId) => { extra.userId = userId; return true }, refuse),
  context: ({ extra }) => ({ userId: extra.userId }),
}, new WebSocketServer({ server, path: yoga.graphqlEndpoint }))
server.listen(process.env.PORT ?? 9000, process.env.HOST ?? '127.0.0.1', () => console.log('ready on port', server.address().port))
// Node runs as process 1 in a container, and then ends on no signal by itself.
process.once('SIGTERM', async () => {
  await sockets.dispose()
  server.close().closeIdleConnections()
})
