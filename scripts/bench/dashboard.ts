// Owns the benchmark of the dashboard, in a real browser over real servers: what the first view loads and when it is painted, how
// long an answer takes while somebody types, and whether rows are missing while a million of them fly by.
//
//   npm run bench -- dashboard
//   npm run bench -- dashboard --records 100000     with fewer rows to scroll through

import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { z } from 'zod'
import { defineConnector, stream } from '../../src/connector/connector.ts'
import { fullPass } from '../../src/connector/passes.ts'
import { openTidemark } from '../../src/open.ts'
import { loginLink, newLoginCode } from '../../src/server/api/login-links.ts'
import { createApp } from '../../src/server/app.ts'
import { listen } from '../../src/server/listen.ts'
import { contextOf, launch, settled } from '../../test/web/browser.ts'
import { builtWeb, DIST } from '../../test/web/built.ts'
import { startDemo } from '../demo-process.ts'
import type { Figure } from './figure.ts'
import { median } from './ingest.ts'
import { type Note, otherRecords } from './search/records.ts'

const SEARCHED = 100_000
const PAGE = 2_000
const LOADS = 5
/** Typed letter by letter. */
const TYPED = ['garden winter', 'the price of bread', 'night train', 'old maps']
/** Pixels of a turn of the wheel: of a hand that reads on, of one that looks for something, and of one that flings. */
const TURNS = [120, 600, 1_500]
const TURNS_EACH = 40
const TURN_EVERY_MS = 50

export async function dashboard(records = 1_000_000): Promise<readonly Figure[]> {
  await builtWeb()
  const browser = await launch()
  try {
    return [...(await firstView(browser)), ...(await overLarge(browser, records))]
  } finally {
    await browser.close()
  }
}

/** Each time in a browser that has seen nothing yet. */
async function firstView(browser: Browser): Promise<readonly Figure[]> {
  const demo = startDemo()
  try {
    const link = await demo.link
    const painted: number[] = []
    const whole: number[] = []
    let bytes = 0
    for (let i = 0; i < LOADS; i++) {
      const context = await contextOf(browser)
      const page = await context.newPage()
      await page.goto(link)
      await page.locator('[data-stat=Records]').waitFor()
      whole.push(Number(await page.evaluate('performance.now()')))
      painted.push(
        Number(await page.evaluate(`performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity`)),
      )
      bytes = await scriptBytes(page)
      await context.close()
    }
    return [
      most('script of the first view, by gzip', bytes / 1_024, 'KiB', 200),
      most('first paint over the data of the demo, median', median(painted), 'ms', 1_000),
      most('until its numbers stand there, median', median(whole), 'ms', 1_000),
    ]
  } finally {
    demo.stop()
  }
}

async function scriptBytes(page: Page): Promise<number> {
  const names = (await page.evaluate(
    `[...new Set(performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname))]`,
  )) as readonly string[]
  return names
    .filter((name) => name.endsWith('.js'))
    .reduce((sum, name) => sum + statSync(join(DIST, `${name}.gz`)).size, 0)
}

async function overLarge(browser: Browser, records: number): Promise<readonly Figure[]> {
  await using server = await large(records)
  const context = await contextOf(browser)
  const page = await context.newPage()
  await page.goto(server.link)
  await settled(page)
  const { origin } = new URL(server.link)
  await page.goto(`${origin}/search`)
  const typed = await typing(page)
  await page.goto(`${origin}/connections/rows/streams/rows`)
  const blank = await scrolling(page, records)
  return [
    most(`answer to a letter typed over ${SEARCHED.toLocaleString('en')} records, median`, median(typed), 'ms', 100),
    { name: 'the slowest of twenty such answers', value: nineteenOf20(typed), unit: 'ms' },
    most(`longest blank while ${records.toLocaleString('en')} rows pass, 30,000 pixels a second`, blank, 'ms', 100),
  ]
}

/** From each key to the end of the answer to what is then written. */
async function typing(page: Page): Promise<readonly number[]> {
  const input = page.getByRole('searchbox').first()
  await input.waitFor()
  // The first question of a process reads its index.
  await input.pressSequentially('first', { delay: 150 })
  await page.waitForTimeout(2_000)
  await page.evaluate(`addEventListener('keydown', () => (window.pressedAt = performance.now()), true)`)
  const took: number[] = []
  for (const text of TYPED) {
    await input.fill('')
    for (let n = 1; n <= text.length; n++) {
      if (text[n - 1] === ' ') {
        await page.keyboard.press('Space')
        continue
      }
      const sought = text.slice(0, n)
      const answered = page.waitForResponse(
        (one) => new URL(one.url()).pathname === '/api/search' && new URL(one.url()).searchParams.get('q') === sought,
      )
      await page.keyboard.press(text[n - 1] as string)
      await (await answered).finished()
      took.push(
        Number(
          await page.evaluate(`(async () => {
            await new Promise(requestAnimationFrame)
            const asked = performance.getEntriesByType('resource').findLast(({ name }) => name.includes('/api/search?'))
            return asked.responseEnd - window.pressedAt
          })()`),
        ),
      )
      await page.waitForTimeout(60)
    }
  }
  return took
}

/** The longest time in which a row in sight has no content, as frames show it, in milliseconds. */
async function scrolling(page: Page, records: number): Promise<number> {
  const grid = page.getByRole('grid')
  await grid.waitFor()
  // They are counted.
  await page.locator(`[role=grid][aria-rowcount="${records + 1}"]`).waitFor({ timeout: 120_000 })
  await page.waitForTimeout(1_000)
  await grid.hover()
  await page.evaluate(`(() => {
    window.longestBlank = 0
    let since
    const frame = document.querySelector('[role=grid]')
    const look = (now) => {
      const { top, bottom } = frame.getBoundingClientRect()
      const rows = [...frame.querySelectorAll('[data-row]')].map((row) => [row, row.getBoundingClientRect()])
      const inSight = rows.filter(([, at]) => at.bottom > top + 36 && at.top < bottom)
      const first = Math.min(...inSight.map(([, at]) => at.top))
      const last = Math.max(...inSight.map(([, at]) => at.bottom))
      const isShort = first > top + 36 + 1 || last < bottom - 36
      const isBlank = isShort || inSight.some(([row]) => row.querySelector('.grid-blank'))
      since = isBlank ? (since ?? now) : undefined
      if (since !== undefined) window.longestBlank = Math.max(window.longestBlank, now - since)
      requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  })()`)
  for (const pixels of TURNS) {
    for (let i = 0; i < TURNS_EACH; i++) {
      await page.mouse.wheel(0, pixels)
      await page.waitForTimeout(TURN_EVERY_MS)
    }
  }
  await page.waitForTimeout(1_000)
  const seen = await page.evaluate('[window.longestBlank, document.querySelector("[role=grid]").scrollTop]')
  const [longest = 0, top = 0] = seen as readonly number[]
  if (top < TURNS_EACH * (TURNS[0] as number)) throw new Error(`the rows did not fly by: they stand at ${top} pixels`)
  return longest
}

/** A server over as many records as are searched, and as many rows as are scrolled through. */
async function large(records: number) {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'))
  const tidemark = await openTidemark({ database: join(folder, 'bench.db'), key: new Uint8Array(32).fill(1) })
  const base = { options: z.object({}), http: () => ({ baseUrl: 'http://127.0.0.1:1' }) }
  const sought = otherRecords(SEARCHED, 1)
  const notes = defineConnector(
    { name: 'notes', title: 'Notes', ...base },
    {
      notes: stream({
        schema: z.object({ id: z.int(), title: z.string(), body: z.string() }),
        key: ({ id }) => String(id),
        text: { title: 'title', body: ['body'] },
        passes: [fullPass<unknown, Note>({ pageSize: PAGE, read: pagesOf(SEARCHED, (i) => sought[i] as Note) })],
      }),
    },
  )
  const rows = defineConnector(
    { name: 'rows', title: 'Rows', ...base },
    {
      rows: stream({
        schema: z.object({ id: z.int(), name: z.string(), owner: z.string(), size: z.int(), at: z.string() }),
        key: ({ id }) => String(id),
        passes: [fullPass({ pageSize: PAGE, read: pagesOf(records, rowOf) })],
      }),
    },
  )
  const connected = [await tidemark.connect(notes, { id: 'notes' }), await tidemark.connect(rows, { id: 'rows' })]
  for (const connection of connected) {
    const { status, error } = await connection.sync()
    if (status !== 'succeeded') throw new Error(`the sync has ${status}: ${error?.message ?? ''}`)
  }
  await tidemark.settled()
  const closing = new AbortController()
  const loginCode = newLoginCode()
  const api = { tidemark: () => tidemark, closing: closing.signal, onFailure: console.error, loginCode }
  const server = await listen(createApp({ api }), { port: 0 })
  return {
    link: loginLink(server.url, loginCode),
    async [Symbol.asyncDispose]() {
      closing.abort()
      await server.close()
      await tidemark.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function pagesOf<Row>(total: number, make: (i: number) => Row) {
  return async ({ page }: { readonly page?: unknown }) => {
    const from = Number(page ?? 0)
    const records = Array.from({ length: Math.min(PAGE, total - from) }, (_, i) => make(from + i))
    return { records, ...(from + PAGE < total ? { next: from + PAGE } : {}), total }
  }
}

function rowOf(i: number) {
  const at = new Date(Date.UTC(2026, 0, 1) + i * 1_000).toISOString()
  return { id: i + 1, name: `Row ${i + 1}`, owner: `owner-${i % 97}`, size: (i * 7_919) % 100_000, at }
}

function most(name: string, value: number, unit: string, aim: number): Figure {
  return { name, value, unit, aim: `<= ${aim.toLocaleString('en')}`, met: value <= aim }
}

function nineteenOf20(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.95)] ?? 0
}
