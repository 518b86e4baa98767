// Owns the text of a new connector that reads through upstream runs which cost money, of an emulator of their vendor, and of
// the test that holds one against the other.

import { capital, emulatorText, type Names, type Template, testText } from './template.ts'

/** A vendor that is told to run something, and is paid by the row. */
export function runTemplates(names: Names): readonly Template[] {
  const { name, title } = names
  return [
    { file: `${name}.ts`, text: connector(name, title) },
    { file: `${name}.emulator.ts`, text: emulator(names) },
    { file: `${name}.test.ts`, text: test(names) },
  ]
}

const connector = (
  name: string,
  title: string,
) => `// Owns the ${name} connector: the posts of a profile, through runs at ${title} that cost money.
//
// It makes ONE request when asked. It never waits, loops, retries or remembers: the engine does, and starts nothing twice.
// How to declare the rest honestly: docs/writing-a-connector.md of tidemark.

import {
  type AskKeys,
  type AskNewest,
  defineConnector,
  integer,
  type Job,
  type JobState,
  newestFirst,
  refresh,
  rows,
  secret,
  stream,
  TidemarkError,
  z,
} from 'tidemark'

interface Options {
  readonly profile: string
  readonly token: string
}

interface Run {
  readonly id: string
  readonly status: string
  readonly why?: string
  readonly rows: number
  readonly cost: number
}

/** Each status by name: what is not known is neither running nor an end. */
const STATES: Readonly<Record<string, JobState['state']>> = { RUNNING: 'running', DONE: 'succeeded', FAILED: 'failed' }

const steps: Omit<Job<Options, AskNewest & AskKeys>, 'start'> = {
  /** The vendor keeps what a run was given, so the intent in it finds the run again. */
  async find({ http, intent }) {
    const { body } = await http.get('/runs')
    const runs = rows((body as { runs: unknown }).runs, 'runs') as { id: string; input: { intent?: string } }[]
    return runs.find((run) => run.input.intent === intent)?.id
  },
  async poll({ http, id }) {
    const { status, why, rows: items, cost } = (await http.get(\`/runs/\${id}\`)).body as Run
    const state = STATES[status]
    if (!state) throw new TidemarkError('unexpected_shape', \`Run \${id} has the unknown status "\${status}".\`)
    return { state, why, billed: state === 'running' ? undefined : { items, cost } }
  },
  async read({ http, id, page }) {
    const { body } = await http.get(\`/runs/\${id}/rows\`, { query: { from: page as number | undefined } })
    const { rows: posts, next, total } = body as { rows: unknown; next: number | null; total?: number }
    return { records: rows(posts, 'rows'), next: next ?? undefined, estimate: total }
  },
}

/** A run that is started: what it reads, the intent, and what it may cost at most. */
async function start({ http, intent, costLeft }: Parameters<Job<Options>['start']>[0], input: object) {
  const { body } = await http.post('/runs', { query: { maxCost: costLeft }, json: { ...input, intent } })
  return { id: (body as Run).id }
}

const newest: Job<Options, AskNewest> = {
  ...(steps as Omit<Job<Options, AskNewest>, 'start'>),
  start: (request) => start(request, { profile: request.options.profile, newest: request.ask.newest }),
}
const again: Job<Options, AskKeys> = {
  ...(steps as Omit<Job<Options, AskKeys>, 'start'>),
  start: (request) => start(request, { posts: request.ask.keys }),
}

export default defineConnector(
  {
    name: '${name}',
    title: 'Posts of a profile, through ${title}',
    // What a person gives. secret() marks what is sealed.
    options: z.object({ profile: z.string().meta({ description: 'Name of the profile' }), token: secret('API token') }),
    http: ({ token }) => ({
      baseUrl: 'https://api.${name}.example',
      headers: { authorization: \`Bearer \${token}\` },
    }),
    /** Costs nothing. */
    async check({ http }) {
      rows(((await http.get('/runs')).body as { runs: unknown }).runs, 'runs')
      return {}
    },
  },
  {
    posts: stream({
      title: 'Posts, newest first',
      // The fields that become columns; the rest stays in _raw.
      schema: z.object({ id: z.string(), written_at: z.int(), likes: integer() }),
      key: (post) => post.id,
      // Kept as a snapshot for each run and day.
      metrics: ['likes'],
      passes: [
        newestFirst({ job: newest, order: (post) => post.written_at, unitMs: 1_000, settles: '1d' }),
        refresh({ job: again, batch: 50 }),
      ],
    }),
  },
)
`

const emulator = (names: Names) => {
  const { variable } = names
  return emulatorText(names, {
    declares: `import { text } from 'node:stream/consumers'

export interface Post {
  readonly id: string
  /** Unix seconds. */
  readonly written_at: number
  readonly likes: number
}

interface Input {
  readonly intent?: string
  readonly newest?: number
  readonly posts?: readonly string[]
}

export interface ${capital(variable)}Emulator {
  readonly url: string
  readonly token: string
  /** The truth, newest first. */
  readonly posts: Post[]
  /** What all runs have cost. */
  bill(): { items: number; cost: number }
  /** The next run fails when it has delivered so many rows. */
  failNext(rows: number): void
  close(): Promise<void>
}

const PRICE = 0.01
const ROWS_PER_PAGE = 20

/** An emulator with so many posts. */
export async function ${variable}Emulator(count: number): Promise<${capital(variable)}Emulator> {`,
    starts: `  const posts: Post[] = Array.from({ length: count }, (_, i) => ({
    id: \`p\${count - i}\`,
    written_at: 1_760_000_000 + (count - i) * 60,
    likes: i % 7,
  }))
  const runs: { id: string; input: Input; status: string; rows: readonly Post[] }[] = []
  let failsAfter: number | undefined
  const begin = (input: Input, maxCost: string | null) => {
    const { posts: ids } = input
    const asked = ids ? posts.filter(({ id }) => ids.includes(id)) : posts.slice(0, input.newest)
    const affordable = maxCost === null ? asked.length : Math.floor(Number(maxCost) / PRICE + 1e-9)
    const run = {
      id: \`r\${runs.length + 1}\`,
      input,
      status: failsAfter === undefined ? 'DONE' : 'FAILED',
      rows: asked.slice(0, Math.min(affordable, failsAfter ?? affordable)),
    }
    failsAfter = undefined
    runs.push(run)
    return run
  }
  const shown = ({ id, status, rows: { length } }: (typeof runs)[number]) => ({ id, status, rows: length, cost: length * PRICE })
  const server = createServer(async (request, response) => {
    const give = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://localhost')
    if (request.headers.authorization !== \`Bearer \${token}\`) return give(401, { message: 'unknown token' })
    const [, kind, id, part] = pathname.split('/')
    if (kind !== 'runs') return give(404, { message: 'no such thing' })
    if (request.method === 'POST') {
      return give(201, shown(begin(JSON.parse(await text(request)) as Input, query.get('maxCost'))))
    }
    if (id === undefined) return give(200, { runs: runs.map((run) => ({ id: run.id, input: run.input })) })
    const run = runs.find((one) => one.id === id)
    if (!run) return give(404, { message: 'no such run' })
    if (part !== 'rows') return give(200, shown(run))
    const from = Number(query.get('from') ?? 0)
    const to = from + ROWS_PER_PAGE
    return give(200, { rows: run.rows.slice(from, to), next: to < run.rows.length ? to : null, total: posts.length })
  })`,
    gives: `    posts,
    bill() {
      const items = runs.reduce((sum, run) => sum + run.rows.length, 0)
      return { items, cost: items * PRICE }
    },
    failNext(rows) {
      failsAfter = rows
    },`,
  })
}

const test = (names: Names) =>
  testText(names, {
    proves: `no run is started twice, none is believed too much, and
// none costs more than it may.`,
    count: 60,
    knows: `      options: { profile: 'ada', token: emulator.token },
      truth: { posts: () => emulator.posts.map((post) => post.id) },
      remove: { posts: () => emulator.posts.splice(2, 1).map((post) => post.id)[0] },
      bill: () => emulator.bill(),
      failNextRun: () => emulator.failNext(8),`,
  })
