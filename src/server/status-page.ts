// Owns the page at `/` until there is a dashboard: how each connection is, and what a person must do first. Pure: what is
// known in, HTML out. It carries no script and no style of its own, and shows no option of a connection.

import type { ConnectionStatus, StreamStatus, ToDo } from '../engine/runs/documents.ts'
import { isCovered } from '../model/coverage.ts'
import { count, plural } from '../model/plural.ts'
import { relativeTime } from '../model/relative-time.ts'
import type { RunReport } from '../model/run.ts'
import { type Html, html } from './html.ts'

export interface StatusView {
  readonly project: string
  readonly connections: readonly ConnectionStatus[]
  /** Whether this server runs what is scheduled. */
  readonly worker: boolean
  readonly now: number
}

/** Connections that are shown, at most. */
export const CONNECTIONS_SHOWN = 200
/** Things to do that are listed above all, at most. */
export const ACTIONS_SHOWN = 20

type Health = 'good' | 'busy' | 'idle' | 'warn' | 'bad'

const HEALTH_WORDS: Readonly<Record<Health, string>> = {
  good: 'up to date',
  busy: 'running',
  idle: 'not read yet',
  warn: 'needs attention',
  bad: 'not working',
}

/** The whole document. */
export function statusPage(view: StatusView): string {
  const { project, connections, worker } = view
  const todos = connections.flatMap(({ id, todo }) => todo.map((one) => ({ id, ...one })))
  const shown = connections.slice(0, CONNECTIONS_SHOWN)
  const more = connections.length - shown.length
  return page(
    html`<header>
${MARK}<h1>Tidemark</h1><p class="project">${project === 'default' ? '' : `project ${project}`}</p>
${pill(overall(connections), summary(connections, todos.length))}
</header>
<main>
${todos.length > 0 && todoList(todos)}
${connections.length === 0 ? NOTHING : shown.map((connection) => card(connection, view.now))}
${more > 0 && html`<p class="quiet">… and ${count(more)} more: <code>tidemark status</code></p>`}
${!worker && html`<p class="quiet">This server runs nothing (<code>--no-worker</code>).</p>`}
</main>`,
    new Date(view.now),
  )
}

/** What anybody may see who reaches the server from elsewhere. */
export function closedPage(): string {
  return page(
    html`<header>${MARK}<h1>Tidemark</h1>${pill('good', 'up')}</header>
<main><section class="card empty"><p>The server is up. What it knows is shown on its own machine only:</p>
<pre><code>tidemark status</code></pre></section></main>`,
  )
}

/** `at` is when what it shows was true. */
function page(body: Html, at?: Date): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Tidemark</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/status.css">
<script src="/status.js" defer></script>
<noscript><meta http-equiv="refresh" content="30"></noscript>
</head>
<body>
<p class="gone" role="alert">The server is not responding. This page may be out of date.</p>
${body}
<footer><span>${at && html`As of ${time(at.toISOString(), clock(at))}`}</span><a href="/healthz">health check</a></footer>
</body>
</html>
`.text
}

const MARK = html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><path d="M3 13c4 0 4-4 8.5-4s4.5 4 9 4 4.5-4 8.500-4"/><path d="M3 21c4 0 4-4 8.5-4s4.5 4 9 4 4.5-4 8.500-4"/><path d="M16 28V3"/></svg>`

const NOTHING = html`<section class="card empty"><h2>Nothing is connected yet</h2>
<p>Connect an account of a service, and read it for the first time:</p>
<pre><code>tidemark connect github --id me --set user=YOUR_LOGIN
tidemark sync me</code></pre>
<p>What else there is: <code>tidemark connectors</code></p></section>`

function todoList(todos: readonly (ToDo & { readonly id: string })[]): Html {
  const more = todos.length - ACTIONS_SHOWN
  return html`<section class="todo" aria-labelledby="first"><h2 id="first">What to do first</h2>
<ol>${todos.slice(0, ACTIONS_SHOWN).map(
    ({ id, stream, message, command }) => html`<li><p><b>${stream === null ? id : `${id}/${stream}`}</b> ${message}</p>
${command !== null && html`<pre><code>${command}</code></pre>`}</li>`,
  )}</ol>
${more > 0 && html`<p class="quiet">… and ${count(more)} more: <code>tidemark status</code></p>`}</section>`
}

function card(connection: ConnectionStatus, now: number): Html {
  const { id, connector, streams, totalRecords, activeRun, lastRun, nextRunAt, standing } = connection
  const health = healthOf(connection)
  return html`<section class="card" aria-label="${id}">
<div class="head"><h2>${id}</h2><span class="quiet">${connector}</span>${pill(health, healthText(connection, health))}</div>
<dl>
<div><dt>Records</dt><dd>${count(totalRecords)}</dd></div>
<div><dt>${activeRun ? 'Running since' : 'Last run'}</dt><dd>${runText(activeRun ?? lastRun, now)}</dd></div>
<div><dt>Next run</dt><dd>${standing.state === 'on' ? nextText(nextRunAt, now) : standing.state}</dd></div>
</dl>
${streams.length > 0 && streamTable(streams, now)}
</section>`
}

function streamTable(streams: readonly StreamStatus[], now: number): Html {
  return html`<table>
<thead><tr><th scope="col">Stream</th><th scope="col" class="n">Records</th><th scope="col">Coverage</th><th scope="col">Fresh</th></tr></thead>
<tbody>${streams.map(
    ({ stream, totalRecords, coverage, lastSuccessAt }) => html`<tr><th scope="row">${stream}</th>
<td class="n">${count(totalRecords)}</td>
<td><span class="word ${coverageLook(coverage.kind)}">${coverage.kind}</span>${coverage.note !== '' && html` <small>${coverage.note}</small>`}</td>
<td>${lastSuccessAt === null ? '–' : time(lastSuccessAt, relativeTime(Date.parse(lastSuccessAt), now))}</td></tr>`,
  )}</tbody></table>`
}

function coverageLook(kind: StreamStatus['coverage']['kind']): Health {
  if (kind === 'unread') return 'idle'
  if (kind === 'unavailable') return 'bad'
  return isCovered({ kind }) ? 'good' : 'warn'
}

/** How a connection is, as one of five. A connection that a person has paused is as good as it was left. */
export function healthOf({ standing, activeRun, lastRun, streams, todo }: ConnectionStatus): Health {
  if (standing.state === 'login needed' || lastRun?.status === 'failed') return 'bad'
  if (streams.some(({ coverage }) => coverage.kind === 'unavailable')) return 'bad'
  if (activeRun) return 'busy'
  if (todo.length > 0) return 'warn'
  return lastRun === null ? 'idle' : 'good'
}

function healthText({ standing, activeRun }: ConnectionStatus, health: Health): string {
  if (standing.state !== 'on') return standing.state
  const percent = activeRun?.progress?.percent ?? null
  return health === 'busy' && percent !== null ? `running, ${percent} %` : HEALTH_WORDS[health]
}

function overall(connections: readonly ConnectionStatus[]): Health {
  const all = connections.map(healthOf)
  return (['bad', 'warn', 'busy', 'good'] as const).find((health) => all.includes(health)) ?? 'idle'
}

function summary(connections: readonly ConnectionStatus[], todos: number): string {
  if (connections.length === 0) return 'nothing connected'
  if (todos > 0) return plural(todos, 'thing to do', 'things to do')
  return HEALTH_WORDS[overall(connections)]
}

function runText(run: RunReport | null, now: number): Html | string {
  if (!run) return 'never'
  const { status, finishedAt, startedAt } = run
  const at = finishedAt ?? startedAt
  return html`${status === 'running' ? '' : `${status}, `}${time(at, relativeTime(Date.parse(at), now))}`
}

function nextText(nextRunAt: string | null, now: number): Html | string {
  if (nextRunAt === null) return 'not scheduled (tidemark schedule)'
  return time(nextRunAt, Date.parse(nextRunAt) <= now ? 'due' : relativeTime(Date.parse(nextRunAt), now))
}

function pill(health: Health, words: string): Html {
  return html`<span class="pill ${health}">${words}</span>`
}

function time(instant: string, words: string): Html {
  return html`<time datetime="${instant}" title="${instant}">${words}</time>`
}

function clock(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
