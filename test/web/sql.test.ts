// Owns the proof of the SQL box: an answer is what the database says, errors point at their place, and what is run stands in the
// address.

import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { drawingOf, linesOf } from '../../web/src/pages/sql/drawn.ts'
import { positionOf } from '../../web/src/pages/sql/position.ts'
import { apiWorld } from '../server/api-world.ts'
import { barriers, dashboard } from './dashboard.ts'

const open = dashboard()

async function synced() {
  const world = await apiWorld({ stars: 40 })
  await world.connected()
  await world.synced()
  return world
}

const field = (page: Page) => page.getByRole('textbox', { name: 'Statement', exact: true })
const answer = (page: Page) => page.getByRole('region', { name: 'Answer' })
const csvOf = async (page: Page) => {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()])
  return readFileSync(await file.path(), 'utf8')
    .trim()
    .split('\r\n')
}

test('a complaint points at the one place that it names', () => {
  expect(positionOf('Near "frm": syntax error.', 'select *\n  frm t')).toEqual({ from: 11, to: 14, line: 2, column: 3 })
  expect(positionOf('No such column: nam.', 'select nam, name from t')).toMatchObject({ from: 7, to: 10 })
  expect(positionOf('No such table: t.', 'select t.a from t')).toBeUndefined()
  expect(positionOf('column "a" does not exist', 'select a')).toMatchObject({ line: 1, column: 8 })
  expect(positionOf('It was too slow.', 'select 1')).toBeUndefined()
})

test('what can be drawn is found in the answer', () => {
  const days = {
    columns: ['n', 'day', 'name'],
    rows: [
      { day: '2026-03-02', n: 2, name: 'b' },
      { day: '2026-03-01', n: null, name: 'a' },
    ],
  }
  expect(drawingOf(days, {})).toEqual({ x: 'day', isTime: true, y: ['n'] })
  expect(drawingOf(days, { x: 'name', y: 'nobody' })).toEqual({ x: 'name', isTime: false, y: ['n'] })
  const { series, isDaily } = linesOf(days, drawingOf(days, {}))
  expect([isDaily, series[0]?.points.map(({ value }) => value)]).toEqual([true, [null, 2]])
  expect(drawingOf({ columns: [], rows: [] }, {})).toEqual({ x: undefined, isTime: false, y: [] })
})

test('a statement is run from the keyboard, and its answer is what the database has', async () => {
  const { link, mirror } = await synced()
  const { page } = await open(link, '/sql')
  const sql = 'select full_name, stargazers_count\nfrom github_stars\norder by stargazers_count desc, full_name'
  await field(page).fill(sql)
  await page.keyboard.press('Control+Enter')
  await answer(page).getByText('40 rows').waitFor()
  const rows = mirror.sql(sql)
  expect(await csvOf(page)).toEqual([
    'full_name,stargazers_count',
    ...rows.map((row) => `${String(row['full_name'])},${String(row['stargazers_count'])}`),
  ])
  const first = answer(page).getByRole('row').nth(1)
  expect(await first.innerText()).toContain(String(rows[0]?.['full_name']))
  // The address has it: whoever gets it sees the same.
  expect(new URL(page.url()).searchParams.get('sql')).toBe(sql)
  await page.reload()
  await answer(page).getByText('40 rows').waitFor()
  expect(await field(page).inputValue()).toBe(sql)
  await page.getByRole('button', { name: 'Chart' }).click()
  const bar = page.getByRole('figure').getByRole('row').first()
  expect(await bar.innerText()).toContain(String(rows[0]?.['full_name']))
  await page.goBack()
  await expect.poll(() => new URL(page.url()).search).toBe('')
})

test('an error shows its hint and its place, and an answer that is cut off says so', async () => {
  const { link } = await synced()
  const { page } = await open(link, '/sql')
  await field(page).fill('select full_nam from github_stars')
  await page.keyboard.press('Control+Enter')
  const alert = page.getByRole('alert')
  await alert.getByText('Did you mean full_name?').waitFor()
  expect(await alert.innerText()).toContain('sql_failed')
  await page.getByRole('button', { name: 'Line 1, column 8' }).click()
  const chosen = await page.evaluate(`(({ value, selectionStart, selectionEnd }) =>
    value.slice(selectionStart, selectionEnd))(document.querySelector('textarea'))`)
  expect(chosen).toBe('full_nam')
  await page.getByLabel('Rows, at most').selectOption('1000')
  await field(page).fill(
    'with recursive n(i) as (select 1 union all select i + 1 from n where i < 1500) select i from n',
  )
  await page.keyboard.press('Control+Enter')
  await answer(page).getByText('cut off at 1,000: there are more').waitFor()
  // Another statement that never ends is cancelled.
  await field(page).fill('with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n')
  await page.keyboard.press('Control+Enter')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByText('The statement was cancelled').waitFor()
})

test('tables lead to their rows, and statements are kept', async () => {
  const { link, mirror } = await synced()
  const { page } = await open(link, '/sql')
  await page.getByRole('button', { name: 'Rows of github_stars: 40' }).click()
  await answer(page)
    .getByText(`${String(mirror.value('select count(*) from github_stars'))} rows`)
    .waitFor()
  await page.getByLabel('Find a table or a column').fill('stargazers')
  await page.getByRole('list', { name: 'Tables' }).getByRole('button', { name: 'stargazers_count' }).first().waitFor()
  await page.getByLabel('Name of the statement').fill('My stars')
  await page.keyboard.press('Enter')
  await page.goto(`${new URL(page.url()).origin}/sql`)
  await page.getByRole('button', { name: 'My stars', exact: true }).click()
  await answer(page).waitFor()
  expect(await field(page).inputValue()).toBe('select * from github_stars limit 100')
})

test('the SQL box can be used by everybody', async () => {
  const { link } = await synced()
  const path = `/sql?sql=${encodeURIComponent('select started_at, requests from runs')}`
  for (const [theme, size] of [
    ['light', 'wide'],
    ['dark', 'phone'],
  ] as const) {
    const { page, another } = await open(link, path, { theme, size })
    await answer(page).waitFor()
    expect([theme, size, await barriers(page)]).toEqual([theme, size, []])
    const chart = await another(`${path}&view=chart`)
    await chart.locator('canvas').waitFor()
    expect([theme, size, await barriers(chart)]).toEqual([theme, size, []])
    for (const one of [page, chart]) {
      const width = await one.evaluate('Math.max(document.documentElement.scrollWidth, innerWidth)')
      expect([theme, size, width]).toEqual([theme, size, size === 'wide' ? 1440 : 390])
    }
    await page.close()
    await chart.close()
  }
})
