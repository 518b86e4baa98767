// Owns the walls of the house: what each folder of src/ may import, and what a file of it looks like. Each rule takes
// the sources and returns one sentence per violation.

import { type Import, lineAt, type Source } from './source.ts'

/** Imports go down only. Two places on one floor do not know each other. */
const FLOORS: Readonly<Record<string, number>> = {
  'program-files.ts': 1,
  model: 1,
  connector: 2,
  store: 2,
  'node-version.ts': 2,
  'config.ts': 3,
  http: 3,
  secrets: 3,
  uploads: 3,
  connectors: 3,
  jobs: 4,
  embedders: 4,
  engine: 5,
  'built-in.ts': 6,
  operations: 6,
  'blends.ts': 6,
  'webhooks.ts': 6,
  'push.ts': 6,
  'connection.ts': 6,
  'verbs.ts': 6,
  'tidemark.ts': 6,
  'assemble.ts': 6,
  'open.ts': 6,
  'index.ts': 6,
  server: 7,
  testing: 7,
  cli: 8,
}

/** Where what may be imported is narrower, or in one case wider, than the floors say. */
const EXCEPTIONS: Readonly<Record<string, readonly string[]>> = {
  connectors: ['model', 'connector'], // a connector knows no engine,
  jobs: ['model', 'connector', 'store', 'http', 'secrets'],
  embedders: ['model', 'program-files.ts', 'http'],
  engine: ['model', 'connector', 'store', 'http', 'secrets', 'uploads', 'jobs', 'embedders'], // and the engine no connector
  // One verb each: described here, done by the engine. Only their ports know which connectors there are.
  operations: [...below(6), 'built-in.ts'],
  'blends.ts': [...below(6), 'operations'],
  'webhooks.ts': [...below(6), 'operations'],
  'push.ts': [...below(6), 'operations'],
  'connection.ts': [...below(6), 'operations'],
  'verbs.ts': [...below(6), 'operations'],
  'tidemark.ts': [...below(6), 'operations', 'blends.ts', 'webhooks.ts', 'push.ts', 'connection.ts', 'verbs.ts'],
  'assemble.ts': [...below(6), 'operations', 'built-in.ts', 'tidemark.ts'],
  'open.ts': [...below(6), 'operations', 'tidemark.ts', 'assemble.ts'],
  'index.ts': [...below(6), 'operations', 'connection.ts', 'tidemark.ts', 'open.ts'],
}

/** The rooms of engine/, from the ground up: each may import those before it. What lies beside them imports none. */
const ENGINE_ROOMS = [
  'due',
  'passes',
  'runs',
  'inbox',
  'outbox',
  'review',
  'history',
  'followers',
  'search',
  'schedules',
  'health',
]

const NETWORK = ['http', 'https', 'http2', 'net', 'dns', 'dns/promises', 'tls', 'dgram'].map((name) => `node:${name}`)

/** Packages and parts of Node that only some places may import. */
const OWNERS: readonly { packages: readonly string[]; places: readonly string[]; why: string }[] = [
  { packages: ['node:sqlite', 'pg'], places: ['store'], why: 'only store/ knows a database' },
  { packages: [...NETWORK, 'undici'], places: ['http', 'server', 'testing'], why: 'http/ is the one way out' },
  { packages: ['yauzl'], places: ['uploads'], why: 'only uploads/ unpacks files' },
  { packages: ['web-push'], places: ['engine'], why: 'only engine/ tells browsers' },
  { packages: ['pg-boss'], places: ['jobs'], why: 'only jobs/ knows the job engine' },
  {
    packages: ['hono', '@hono/node-server', '@hono/zod-openapi'],
    places: ['server', 'testing'],
    why: 'only servers serve',
  },
  {
    packages: ['@modelcontextprotocol/sdk'],
    places: ['server'],
    why: 'agents call the server',
  },
  { packages: ['commander', '@clack/prompts'], places: ['cli'], why: 'only cli/ talks to a terminal' },
]

/** Words that say nothing of what a file owns. */
const EMPTY_WORDS = new Set(
  'util utils types helper helpers common misc manager managers service services shared stuff lib base'.split(' '),
)

const MAX_LINES = 500

/** Where the clock and chance are ports, so that a simulation can hold them. (The linter bans the rest there.) */
const PURE_PLACES = new Set(['model', 'connector', 'store', 'engine'])

const SQL = [
  /\bSELECT\b[\s\S]*\bFROM\b/,
  /^\s*(?:select|with)\b[\s\S]+\bfrom\s+\w/i,
  /\binsert\s+(?:or\s+\w+\s+)?into\s+\w/i,
  /\bupdate\s+\w+\s+set\b/i,
  /\bdelete\s+from\s+\w+\s*(?:where\b|;|$)/i,
  /\b(?:create|drop)\s+(?:temp\s+|unique\s+|virtual\s+)?(?:table|view|trigger)\b/i,
  /\balter\s+table\b/i,
  /^\s*pragma\s+\w/i,
]

export type Rule = (sources: readonly Source[]) => string[]

export const RULES: Readonly<Record<string, Rule>> = {
  'imports go down only': eachImport(downwards),
  'rooms of the engine import those below': eachImport(roomsDownwards),
  'imports name the file that exists': (sources) => {
    const known = new Set(sources.map(({ path }) => path))
    return eachImport((_, { file, specifier }) =>
      file !== null && !known.has(file) ? `imports ${specifier}, which is no file of src/` : null,
    )(sources)
  },
  'no file imports itself through others': circles,
  'each package has its place': eachImport(packages),
  'only store/ contains SQL': eachSource(sql),
  'a file is named by what it owns': eachSource(({ path }) => {
    const word = path.split(/[/.-]/).find((part) => EMPTY_WORDS.has(part))
    return word ? `has "${word}" in its name, which says nothing of what it owns` : null
  }),
  'a file opens with what it owns': eachSource(({ text }) =>
    /^(?:\/\/ ?|\/\*\*?\s*\*? ?)\S+ \S+ \S+/.test(text) ? null : 'does not open with a comment that says what it owns',
  ),
  'a file can be read in one sitting': eachSource(({ text }) => {
    const lines = text.trimEnd().split('\n').length
    return lines > MAX_LINES ? `has ${lines} lines, more than ${MAX_LINES}` : null
  }),
  'the clock is a port': eachSource(({ path, code }) =>
    PURE_PLACES.has(placeOf(path))
      ? seen(code, /\bnew Date(?:\(\s*\)|(?!\s*\())|(?<![\w.]|new )Date\(/, 'reads the clock with')
      : null,
  ),
  'the source runs on Node 22 as it is': eachSource(({ code }) =>
    seen(code, /^\s*(?:await\s+)?using\s+\w+\s*=/m, 'declares with'),
  ),
  'nothing is left for later': eachSource(unfinished),
}

/** The rules that hold for tests, scripts and examples too. */
export const RULES_ELSEWHERE: Readonly<Record<string, Rule>> = {
  'nothing is left for later': eachSource(unfinished),
  'no test runs alone': eachSource(({ code }) => seen(code, /\b(?:it|test|describe)(?:\.\w+)*\.only\b/, 'has')),
}

/** The folder of src/ in which a file is, or its own name at the top. */
function placeOf(path: string): string {
  return path.split('/')[0] ?? path
}

function below(floor: number): string[] {
  return Object.keys(FLOORS).filter((place) => floorOf(place) < floor)
}

function floorOf(place: string): number {
  return FLOORS[place] ?? Number.NaN
}

function downwards({ path }: Source, { file, specifier }: Import): string | null {
  const here = placeOf(path)
  if (!(here in FLOORS)) return `is in "${here}", which has no floor`
  if (specifier === 'tidemark' || specifier.startsWith('tidemark/')) return 'imports its own package by name'
  if (file === null) return null
  const there = placeOf(file)
  if (there === here) return null
  const allowed = EXCEPTIONS[here]
  if (allowed) return allowed.includes(there) ? null : `imports ${file}, but may import only ${allowed.join(', ')}`
  if (floorOf(there) < floorOf(here)) return null
  const relation = floorOf(there) === floorOf(here) ? 'on the same floor' : 'above it'
  return `imports ${file}, which is ${relation}`
}

function roomsDownwards({ path }: Source, { file }: Import): string | null {
  if (placeOf(path) !== 'engine' || file === null || placeOf(file) !== 'engine') return null
  const here = roomOf(path)
  const there = roomOf(file)
  if (there === null || here === there) return null
  if (here !== null && ENGINE_ROOMS.indexOf(there) < ENGINE_ROOMS.indexOf(here)) return null
  return `imports ${file}, which is above it`
}

/** The room of engine/ in which a file is; null: beside them. */
function roomOf(path: string): string | null {
  const [, room, file] = path.split('/')
  return file === undefined ? null : (room ?? null)
}

function packages({ path }: Source, { file, specifier }: Import): string | null {
  if (file !== null) return null
  const here = placeOf(path)
  if (here === 'model' && specifier !== 'node:crypto')
    return `imports ${specifier}, but model/ knows only itself and hashes`
  const name = specifier.startsWith('node:') ? specifier : packageOf(specifier)
  if (!name.startsWith('node:') && NETWORK.concat('node:fs', 'node:sqlite').includes(`node:${name}`)) {
    return `imports ${specifier} without "node:"`
  }
  const owner = OWNERS.find((candidate) => candidate.packages.includes(name))
  return owner && !owner.places.includes(here) ? `imports ${specifier}, but ${owner.why}` : null
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function sql({ path, strings }: Source): string | null {
  // The example of a question that a person may ask is no SQL of ours.
  if (placeOf(path) === 'store' || path === 'operations/sql.ts') return null
  const found = strings.find((string) => SQL.some((shape) => shape.test(string)))
  return found === undefined ? null : `contains SQL: ${found.trim().slice(0, 60)}`
}

function unfinished({ text }: Source): string | null {
  return seen(text, /\b(?:TODO|FIXME|XXX)\b/, 'says')
}

/** Every circle of imports once, as the way around it. */
function circles(sources: readonly Source[]): string[] {
  const next = new Map(sources.map(({ path, imports }) => [path, imports.flatMap(({ file }) => file ?? [])]))
  const found: string[] = []
  const done = new Set<string>()
  const walk = (path: string, way: readonly string[]): void => {
    const start = way.indexOf(path)
    if (start >= 0) found.push([...way.slice(start), path].join(' -> '))
    if (start >= 0 || done.has(path)) return
    for (const file of next.get(path) ?? []) walk(file, [...way, path])
    done.add(path)
  }
  for (const path of next.keys()) walk(path, [])
  return found
}

function seen(text: string, shape: RegExp, verb: string): string | null {
  const match = shape.exec(text)
  return match ? `${verb} "${match[0].trim()}" in line ${lineAt(text, match.index + match[0].length)}` : null
}

function eachSource(judge: (source: Source) => string | null): Rule {
  return (sources) =>
    sources.flatMap((source) => {
      const fault = judge(source)
      return fault === null ? [] : [`${source.path} ${fault}`]
    })
}

function eachImport(judge: (source: Source, imported: Import) => string | null): Rule {
  return (sources) =>
    sources.flatMap((source) =>
      source.imports.flatMap((imported) => {
        const fault = judge(source, imported)
        return fault === null ? [] : [`${source.path}:${imported.line} ${fault}`]
      }),
    )
}
