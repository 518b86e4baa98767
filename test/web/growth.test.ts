// Owns the proof of growth: the lines are what is stored, gaps stay gaps, a time is zoomed to and survives a reload, and what
// is exported is what is shown.

import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { asChange, grownTogether, pointsOf, summed } from '../../web/src/pages/growth/lines.ts'
import { momentTexts } from '../../web/src/parts/chart/axis.ts'
import { aligned, broken, csvOf, valueAt, within } from '../../web/src/parts/chart/series.ts'
import { apiWorld } from '../server/api-world.ts'
import { barriers, dashboard } from './dashboard.ts'

const open = dashboard()

const USERS = { ada: { stars: 12, token: 'token-of-ada' } } as const

/** An account whose stars were read four times, each time with other counts. */
async function grown() {
  const world = await apiWorld({ users: USERS })
  const ada = await world.tidemark.connect('github', {
    id: 'ada',
    options: { token: USERS.ada.token, baseUrl: world.github.url, allowPrivateNetwork: true },
  })
  await ada.sync()
  for (let i = 0; i < 3; i++) {
    world.github.world.drift('ada')
    await ada.sync({ mode: 'full' })
  }
  return world
}

const RUNS = `SELECT sum(stargazers_count) total FROM github_stars`
const number = (value: unknown) => Number(value).toLocaleString('en-US')
const lineOf = (page: Page, name: string) => page.locator(`[data-series="${name}"]`).last()
const PATH = '/growth?range=24h'

describe('what is drawn', () => {
  test('breaks where a day has no value, where nobody looked, and where a total may lack something', () => {
    const days = pointsOf(
      [
        { day: '2026-03-01', value: 5 },
        { day: '2026-03-04', value: '7' },
        { day: '2026-03-05', value: 3, partial: true },
      ],
      'day',
    )
    expect(days.map(({ value }) => value)).toEqual([5, null, null, 7, null])
    expect(days[1]?.at).toBe(Date.parse('2026-03-02'))
    const hours = [0, 1, 2, 9].map((hour) => ({ at: new Date(hour * 3_600_000).toISOString(), value: hour }))
    expect(pointsOf(hours, 'run').map(({ value }) => value)).toEqual([0, 1, 2, null, 9])
    expect(broken([], 1)).toEqual([])
  })

  test('is one axis for all lines, and a line that says nothing of a moment goes on', () => {
    const series = [
      {
        id: 'a',
        name: 'a, "b"',
        points: [
          { at: 1, value: 1 },
          { at: 3, value: null },
          { at: 4, value: 2 },
        ],
      },
      { id: 'c', name: 'c', points: [{ at: 2, value: 9 }] },
    ]
    expect(aligned(series)).toEqual({
      at: [1, 2, 3, 4],
      values: [
        [1, undefined, null, 2],
        [undefined, 9, undefined, undefined],
      ],
    })
    const [first = []] = aligned(series).values
    expect([0, 1, 2, 3].map((place) => valueAt(first, place))).toEqual([1, 1, null, 2])
    expect(csvOf(series, String)).toBe('at,"a, ""b""",c\r\n1,1,\r\n2,,9\r\n4,2,\r\n')
    expect(csvOf(within(series, { from: 2, to: 3 }), String)).toBe('at,"a, ""b""",c\r\n2,,9\r\n')
  })

  test('as change begins at nought', () => {
    const points = [
      { at: 0, value: 50 },
      { at: 1, value: null },
      { at: 2, value: 75 },
    ]
    expect(asChange(points).map(({ value }) => value)).toEqual([0, null, 50])
    expect(asChange([{ at: 0, value: 0 }]).map(({ value }) => value)).toEqual([null])
  })

  test('together is the sum of all, and not known where one of them is not', () => {
    const day = (n: number) => n * 86_400_000
    const a = [1, 2, 3, 4].map((n) => ({ at: day(n), value: n * 10 }))
    const b = [
      { at: day(2), value: 5 },
      { at: day(3), value: null },
      { at: day(4), value: 7 },
    ]
    const days = summed([a, b], 'day')
    expect(days.map(({ value }) => value)).toEqual([null, 25, null, 47])
    expect(days[2]?.note).toBe('not known of 1 of 2')
    // By runs, what one was counts until it was due again: two hours here, then nobody knows.
    const minute = 60_000
    const run = (at: number, value: number) => ({ at: at * minute, value })
    const runs = summed([[run(0, 1), run(10, 2), run(200, 3)], [run(5, 40)]], 'run')
    expect(runs.map(({ at, value }) => [at / minute, value])).toEqual([
      [0, null],
      [5, 41],
      [10, 42],
      [200, null],
    ])
    expect([grownTogether([3, '4']), grownTogether([3, null]), grownTogether([])]).toEqual([7, null, null])
  })
})

test('an axis tells the day where another one begins, and of days nothing else', () => {
  const at = (text: string) => Date.parse(text) / 1_000
  const hours = [at('2026-03-01T10:00:00'), at('2026-03-01T22:00:00'), at('2026-03-02T10:00:00')]
  expect(momentTexts(hours, false).map((text) => text.split('\n').length)).toEqual([2, 1, 2])
  const days = [at('2026-03-01T00:00:00Z'), at('2026-03-02T00:00:00Z')]
  expect(momentTexts(days, true).map((text) => /\d+/.exec(text)?.[0])).toEqual(['1', '2'])
})

test('growth shows the total of a stream and a record of it as the database has them', async () => {
  const { link, mirror } = await grown()
  const { page } = await open(link, PATH)
  const total = lineOf(page, 'ada · stars · stargazers_count')
  await expect.poll(() => total.innerText()).toContain(number(mirror.value(RUNS)))
  const key = String(mirror.value('SELECT _key FROM github_stars ORDER BY stargazers_count DESC LIMIT 1'))
  await page.getByLabel('Record').fill(key)
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  const value = mirror.value(`SELECT stargazers_count FROM github_stars WHERE _key = '${key}'`)
  await expect.poll(() => lineOf(page, `ada · ${key} · stargazers_count`).innerText()).toContain(number(value))
  await page.locator('canvas').waitFor()
  await page.getByText('Values as a table').click()
  const taken = mirror.sql(
    `SELECT _at, stargazers_count n FROM github_stars_snapshots WHERE _key = '${key}' ORDER BY _at DESC`,
  )
  const cells = page.getByRole('region', { name: /^Values/ }).locator('tbody tr td:nth-child(3)')
  const told = (await cells.allInnerTexts()).filter((text) => text !== '')
  expect(told).toEqual(taken.map(({ n }) => number(n)))
  expect(told.length).toBeGreaterThan(1)
  const row = page.getByRole('region', { name: 'Lines' }).getByRole('row').last()
  expect(await row.innerText()).toContain(number(taken[0]?.['n']))
  // The address has all of it.
  await page.reload()
  await expect.poll(() => lineOf(page, `ada · ${key} · stargazers_count`).innerText()).toContain(number(value))
})

test('records that are chosen are added up, as the database does it', async () => {
  const { link, mirror } = await grown()
  const keys = mirror.sql('SELECT _key FROM github_stars ORDER BY _key LIMIT 3').map(({ _key }) => String(_key))
  const lines = keys.map((key) => `ada/stars/stargazers_count/${key}`)
  const { page } = await open(link, `/growth?range=24h&lines=${encodeURIComponent(JSON.stringify(lines))}`)
  await page.getByRole('button', { name: 'Together', exact: true }).click()
  const of = keys.map((key) => `'${key}'`).join()
  const sum = mirror.value(`SELECT sum(stargazers_count) FROM github_stars WHERE _key IN (${of})`)
  await expect.poll(() => lineOf(page, '3 lines together').innerText()).toContain(number(sum))
  const row = page.getByRole('region', { name: 'Lines' }).getByRole('row').last()
  const first = mirror.value(
    `SELECT sum(stargazers_count) FROM github_stars_snapshots WHERE _key IN (${of})
      AND _run = (SELECT _run FROM github_stars_snapshots ORDER BY _at LIMIT 1)`,
  )
  const cells = (await row.innerText()).split('\t').map((text) => text.trim())
  expect(cells.slice(0, 3)).toEqual(['Together', number(first), number(sum)])
  expect(new URL(page.url()).searchParams.get('as')).toBe('sum')
  expect(await barriers(page)).toEqual([])
})

test('dragging zooms, the address keeps it, and what is exported is what is shown', async () => {
  const { link, mirror } = await grown()
  const { page } = await open(link, PATH)
  const plot = page.locator('.u-over')
  await plot.waitFor()
  const box = await plot.boundingBox()
  if (!box) throw new Error('The chart is not drawn.')
  await page.mouse.move(box.x + box.width * 0.5, box.y + 40)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width - 1, box.y + 60, { steps: 4 })
  await page.mouse.up()
  await page.getByRole('button', { name: 'All of it' }).waitFor()
  const zoomed = new URL(page.url()).searchParams
  const [from, to] = ['from', 'to'].map((name) => Number(zoomed.get(name)))
  const csv = async () => {
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()])
    return readFileSync(await file.path(), 'utf8')
      .trim()
      .split('\r\n')
      .slice(1)
  }
  const runs = mirror.sql('SELECT DISTINCT _run, max(_at) at FROM github_stars_snapshots GROUP BY 1 ORDER BY 2')
  const isIn = (at: unknown) => Date.parse(String(at)) >= (from ?? 0) && Date.parse(String(at)) <= (to ?? 0)
  const kept = runs.filter(({ at }) => isIn(at)).length
  expect([kept > 0, kept < runs.length]).toEqual([true, true])
  expect((await csv()).length).toBe(kept)
  await page.reload()
  await page.getByRole('button', { name: 'All of it' }).waitFor()
  await plot.dblclick()
  await expect.poll(() => new URL(page.url()).searchParams.has('from')).toBe(false)
  const all = await csv()
  expect(all.length).toBe(runs.length)
  expect(all.at(-1)?.split(',')[1]).toBe(String(mirror.value(RUNS)))
  const [picture] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'PNG' }).click(),
  ])
  expect(
    readFileSync(await picture.path())
      .subarray(1, 4)
      .toString(),
  ).toBe('PNG')
  // Without a mouse: along the line, value by value.
  await page.getByRole('application').focus()
  await page.keyboard.press('ArrowRight')
  const first = all[0]?.split(',')[1]
  await expect.poll(() => lineOf(page, 'ada · stars · stargazers_count').innerText()).toContain(number(first))
})

test('growth can be used by everybody, and says so where nothing is measured', async () => {
  const { link } = await grown()
  for (const [theme, size] of [
    ['light', 'wide'],
    ['dark', 'phone'],
  ] as const) {
    const { page } = await open(link, PATH, { theme, size })
    await page.locator('canvas').waitFor()
    await page.getByText('Values as a table').click()
    expect([theme, size, await barriers(page)]).toEqual([theme, size, []])
    const width = await page.evaluate('Math.max(document.documentElement.scrollWidth, innerWidth)')
    expect([theme, size, width]).toEqual([theme, size, size === 'wide' ? 1440 : 390])
    await page.close()
  }
  const bare = await apiWorld()
  const { page } = await open(bare.link, PATH)
  await page.getByText('Nothing is measured yet').waitFor()
})

test('what moved most is what the database says, and each can be made a line', async () => {
  const { link, mirror } = await grown()
  const { page } = await open(link, PATH)
  const moved = mirror.sql(`
    SELECT _key, last - first AS change FROM (
      SELECT _key,
        (SELECT stargazers_count FROM github_stars_snapshots f WHERE f._key = s._key ORDER BY _run LIMIT 1) first,
        (SELECT stargazers_count FROM github_stars_snapshots l WHERE l._key = s._key ORDER BY _run DESC LIMIT 1) last
      FROM github_stars s)
    WHERE change <> 0 ORDER BY abs(change) DESC, _key LIMIT 10`)
  expect(moved.length).toBeGreaterThan(1)
  const region = page.getByRole('region', { name: 'What moved most' }).last()
  await region.getByRole('table').waitFor()
  const links = await region.locator('tbody a').all()
  const keys = await Promise.all(links.map((one) => one.getAttribute('href')))
  expect(keys).toEqual(moved.map(({ _key }) => `/connections/ada/streams/stars/records/${String(_key)}`))
  const changes = await region.locator('tbody tr td:nth-child(5)').allInnerTexts()
  expect(changes.map((text) => Number(text.replace(/[+,]/g, '')))).toEqual(moved.map(({ change }) => change))
  await region
    .getByRole('button', { name: /as a line$/ })
    .first()
    .click()
  const [first] = moved
  await lineOf(page, `ada · ${String(first?.['_key'])} · stargazers_count`).waitFor()
})
