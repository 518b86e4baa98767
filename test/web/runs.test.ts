// Owns the proof of the page of runs: the server filters what is listed, the address has it, a run tells its log as the ledger
// has it, a retry leads to the new run, views can be saved, and everybody can use it.

import { expect, test } from 'vitest'
import { apiWorld } from '../server/api-world.ts'
import { SIZES } from './browser.ts'
import { barriers, barriersOfColour, dashboard } from './dashboard.ts'

const open = dashboard()

/** Five runs: two that read what is new, one that reads all, one whose login was refused, one after it was given again. */
async function world() {
  const made = await apiWorld({ stars: 120 })
  const { connected, synced, call, tokens, ended, github, tidemark } = made
  await connected()
  await synced()
  await synced()
  const { json } = await call('/api/connections/me/runs', tokens.sync, { method: 'POST', body: { mode: 'full' } })
  await ended(json.id)
  github.faults.when({}, { kind: 'status', status: 404 })
  await synced()
  const runs = await tidemark.runs()
  return { ...made, runs, problem: runs[0] }
}

test('runs are filtered by the server, and the filter survives a reload and can be saved', async () => {
  const { link, runs, mirror } = await world()
  const { page } = await open(link, '/runs')
  const rows = page.locator('tbody tr')
  await expect.poll(() => rows.count()).toBe(runs.length)
  const asked: string[] = []
  page.on('request', (request) => {
    const { pathname, search } = new URL(request.url())
    if (pathname === '/api/runs') asked.push(search)
  })
  await page.getByLabel('Mode').selectOption('full')
  const full = mirror.sql("SELECT id FROM runs WHERE mode = 'full'")
  await expect.poll(() => rows.count()).toBe(full.length)
  expect(asked.some((search) => search.includes('mode=full'))).toBe(true)
  await page.getByLabel('Mode').selectOption('')
  await page.getByRole('button', { name: 'Only problems' }).click()
  await page.getByLabel('Time').selectOption('24h')
  const problems = mirror.sql("SELECT id FROM runs WHERE status IN ('failed', 'incomplete', 'paused')")
  expect(problems).toHaveLength(1)
  await expect.poll(() => rows.count()).toBe(problems.length)
  await page.getByRole('button', { name: 'Views' }).click()
  await page.getByRole('menuitem', { name: 'Save this view' }).click()
  await page.getByLabel('Name').fill('Bad days')
  await page.keyboard.press('Enter')
  await page.reload()
  await expect.poll(() => rows.count()).toBe(problems.length)
  expect(new URL(page.url()).search).toBe('?show=problems&since=24h')
  await page.getByRole('button', { name: 'Bad days' }).click()
  await page.getByRole('menuitem', { name: 'Show all' }).click()
  await expect.poll(() => rows.count()).toBe(runs.length)
  await page.getByRole('button', { name: 'Views' }).click()
  await page.getByRole('menuitem', { name: 'Bad days' }).click()
  await expect.poll(() => rows.count()).toBe(problems.length)
})

test('a run tells every request of the ledger, and a retry leads to the new run', async () => {
  const { link, problem, mirror, github, tidemark } = await world()
  const { page } = await open(link, `/runs?run=${problem?.id}`)
  const lines = page.getByRole('dialog').getByRole('list', { name: 'Lines of the log' }).getByRole('listitem')
  await lines.first().waitFor()
  const stored = mirror.sql(`SELECT url FROM requests WHERE run = '${problem?.id}'`)
  const told = (await lines.allInnerTexts()).filter((line) => line.includes('GET '))
  expect(told).toHaveLength(stored.length)
  expect(stored.every(({ url }) => told.some((line) => line.includes(String(url))))).toBe(true)
  expect(await page.getByRole('img', { name: /^stars: .* without a good answer/ }).count()).toBe(1)
  github.faults.clear()
  github.world.star('ada', 3)
  await page.getByRole('button', { name: 'Retry' }).click()
  await expect.poll(() => new URL(page.url()).searchParams.get('run')).not.toBe(problem?.id)
  const id = new URL(page.url()).searchParams.get('run') ?? ''
  await page.getByRole('dialog').getByText('succeeded', { exact: true }).waitFor()
  await page.getByRole('link', { name: 'All that it changed' }).click()
  await expect.poll(() => new URL(page.url()).searchParams.get('sql')).toContain(id)
  expect(await tidemark.run(id)).toMatchObject({ status: 'succeeded', connection: 'me' })
})

test('the page of runs can be used by everybody, in light and dark, wide and narrow', async () => {
  const { link, problem } = await world()
  for (const size of ['wide', 'phone'] as const) {
    const { page, another } = await open(link, '/runs?show=problems', { size })
    expect([size, await barriers(page)]).toEqual([size, []])
    const run = await another(`/runs?run=${problem?.id}`)
    await run.getByRole('list', { name: 'Lines of the log' }).waitFor()
    expect([size, await barriers(run)]).toEqual([size, []])
    for (const shown of [page, run]) expect([size, await barriersOfColour(shown, 'dark')]).toEqual([size, []])
    const over = await run.evaluate(`Math.max(document.documentElement.scrollWidth, innerWidth) - ${SIZES[size].width}`)
    expect([size, over]).toEqual([size, 0])
  }
})

test('filters that were chosen are there again, say so, and are cleared; what a link brings is not kept', async () => {
  const { link } = await world()
  const { page, another } = await open(link, '/runs?since=24h')
  await page.getByLabel('Mode').selectOption('full')
  expect(new URL(page.url()).search).toBe('?since=24h&mode=full')
  await page.getByLabel('Time').selectOption('')
  const later = await another('/runs')
  await expect.poll(() => new URL(later.url()).search).toBe('?mode=full')
  await later.getByText('Filtered as you left it.').waitFor()
  // The address comes first, and leaves what is kept.
  const linked = await another('/runs?status=failed')
  expect(new URL(linked.url()).search).toBe('?status=failed')
  expect(await linked.getByText('Filtered as you left it.').count()).toBe(0)
  await later.getByRole('button', { name: 'Clear the filters' }).click()
  await expect.poll(() => new URL(later.url()).search).toBe('')
  const again = await another('/runs')
  await again.locator('tbody tr').first().waitFor()
  expect(new URL(again.url()).search).toBe('')
})
