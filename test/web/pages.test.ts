// Owns the proof of the overview, a connection and the runs: what they show is what is stored, a person is shown first what
// waits for them, and each page can be used by everybody, in light and dark, wide and narrow.

import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { apiWorld } from '../server/api-world.ts'
import { SIZES } from './browser.ts'
import { barriers, barriersOfColour, dashboard } from './dashboard.ts'

const open = dashboard()

const USERS = {
  ada: { stars: 150, token: 'token-of-ada' },
  ben: { stars: 20, token: 'token-of-ben' },
  cleo: { stars: 3, token: 'token-of-cleo' },
} as const

/** Three accounts: one with removals that are held, one whose login was refused, one that was never read. */
async function troubled() {
  const world = await apiWorld({ users: USERS })
  const { tidemark, github } = world
  const connect = (id: keyof typeof USERS) =>
    tidemark.connect('github', {
      id,
      options: { token: USERS[id].token, baseUrl: github.url, allowPrivateNetwork: true },
    })
  const ada = await connect('ada')
  const ben = await connect('ben')
  await connect('cleo')
  await ada.sync()
  await ben.sync()
  // A run that has much to tell, so that a table is wider than a phone.
  github.world.drift('ada')
  github.world.star('ada', 5)
  await ada.sync({ mode: 'full' })
  for (let i = 0; i < 30; i++) github.world.unstarAt('ada', 0)
  await ada.sync({ mode: 'full' })
  github.world.revokeToken(USERS.ben.token)
  await ben.sync()
  return world
}

/** Texts of all that fit. */
const texts = async (page: Page, selector: string) =>
  (await page.locator(selector).allInnerTexts()).map((text) => text.trim())

test('the overview shows what is stored, and first what needs a person', async () => {
  const { link, mirror } = await troubled()
  const { page } = await open(link)
  const needs = page.getByRole('region', { name: 'What needs you' })
  expect(await needs.getByRole('listitem').count()).toBe(2)
  expect(await needs.innerText()).toContain('ada/stars: 30 removals are held for you')
  expect(await needs.innerText()).toContain('ben needs a new login')
  expect(await page.title()).toBe('(2) Overview · Tidemark')
  const cards = page.getByRole('region', { name: 'Connections' })
  expect(await cards.getByRole('heading', { level: 3 }).allInnerTexts()).toEqual(['ada', 'ben', 'cleo'])
  for (const words of ['needs attention', 'login needed', 'not read yet'])
    expect(await cards.getByText(words).count()).toBe(1)
  const records = mirror.value('SELECT count(*) FROM github_stars')
  expect(await texts(page, '[data-stat=Records]')).toEqual([String(records)])
  const [{ changed, cost } = {}] = mirror.sql(
    'SELECT sum(inserted + updated + removed) changed, sum(cost) cost FROM runs',
  )
  await expect.poll(() => texts(page, '[data-stat="Changed in 24 hours"]')).toEqual([String(changed)])
  expect([cost, await texts(page, '[data-stat="Cost in 24 hours"]')]).toEqual([null, ['0']])
})

test('a number of the overview leads to what it counts, and a sync that is begun there to its run', async () => {
  const { link, mirror } = await troubled()
  const { page } = await open(link)
  await page.getByRole('link', { name: /^Complete/ }).click()
  const cards = page.getByRole('region', { name: 'Connections' })
  // Ben's login was refused, and what was read before is whole; Cleo was never read.
  await expect.poll(() => cards.getByRole('heading', { level: 3 }).allInnerTexts()).toEqual(['ada', 'cleo'])
  await page.getByRole('link', { name: /^Changed in 24 hours/ }).click()
  await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor()
  expect(new URL(page.url()).search).toBe('?since=24h')
  const runs = Number(mirror.value('SELECT count(*) FROM runs'))
  await expect.poll(() => page.locator('tbody tr').count()).toBe(runs)
  // Back to what is not complete, and to all.
  await page.goBack()
  await expect.poll(() => new URL(page.url()).search).toBe('?show=incomplete')
  await page.goBack()
  await page.getByRole('button', { name: 'Sync cleo' }).click()
  await page.getByRole('dialog', { name: 'Run of cleo', exact: true }).waitFor()
  const { pathname, searchParams } = new URL(page.url())
  const [newest] = mirror.sql("SELECT id FROM runs WHERE connection = 'cleo' ORDER BY started_at DESC")
  expect([pathname, searchParams.get('run')]).toEqual(['/connections/cleo', newest?.['id']])
  await page.keyboard.press('Escape')
  await page.goBack()
  await page.getByRole('region', { name: 'Connections' }).waitFor()
})

test('what is filtered stands in the address and survives a reload', async () => {
  const { link } = await troubled()
  const { page } = await open(link)
  const cards = page.getByRole('region', { name: 'Connections' })
  const names = () => cards.getByRole('heading', { level: 3 }).allInnerTexts()
  await page.getByRole('button', { name: /Only problems/ }).click()
  await expect.poll(names).toEqual(['ada', 'ben'])
  await page.keyboard.press('/')
  await page.keyboard.type('be')
  await expect.poll(names).toEqual(['ben'])
  expect(new URL(page.url()).search).toBe('?show=problems&q=be')
  await page.reload()
  await expect.poll(names).toEqual(['ben'])
  await page.getByRole('searchbox').fill('nobody')
  await page.getByText('No connection fits').waitFor()
  await page.getByRole('button', { name: 'Show all of them' }).click()
  await expect.poll(names).toEqual(['ada', 'ben', 'cleo'])
})

test('several connections are paused and resumed at once, and exactly those are shown then', async () => {
  const { link, tidemark } = await troubled()
  const { page } = await open(link)
  const cards = page.getByRole('region', { name: 'Connections' })
  const names = () => cards.getByRole('heading', { level: 3 }).allInnerTexts()
  const paused = async () =>
    (await tidemark.status()).flatMap(({ id, paused: reasons }) => (reasons.includes('user') ? [id] : []))
  await cards.getByLabel('Choose ada').check()
  await cards.getByLabel('Choose cleo').check()
  const bar = page.getByRole('toolbar')
  await bar.getByText('2 chosen').waitFor()
  expect(await bar.getByRole('button', { name: 'Resume' }).isDisabled()).toBe(true)
  expect(await barriers(page)).toEqual([])
  await bar.getByRole('button', { name: 'Pause' }).click()
  await expect.poll(names).toEqual(['ada', 'cleo'])
  expect(await paused()).toEqual(['ada', 'cleo'])
  await cards.getByLabel('Choose cleo').check()
  await bar.getByRole('button', { name: 'Resume' }).click()
  await expect.poll(names).toEqual(['cleo'])
  expect(await paused()).toEqual(['ada'])
  await page.getByRole('button', { name: 'Show all connections' }).click()
  await expect.poll(names).toEqual(['ada', 'ben', 'cleo'])
})

test('a sync of several leads to their runs, of one to its own', async () => {
  const { link, mirror } = await troubled()
  const { page } = await open(link)
  const cards = page.getByRole('region', { name: 'Connections' })
  await cards.getByLabel('Choose ada').check()
  await cards.getByLabel('Choose cleo').check()
  await page.getByRole('toolbar').getByRole('button', { name: 'Sync' }).click()
  await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor()
  const newest = page.locator('tbody tr td:nth-child(2)')
  await expect.poll(async () => (await newest.allInnerTexts()).slice(0, 2).toSorted()).toEqual(['ada', 'cleo'])
  await page.goBack()
  await cards.getByLabel('Choose cleo').check()
  await page.getByRole('toolbar').getByRole('button', { name: 'Sync' }).click()
  await page.getByRole('dialog', { name: 'Run of cleo', exact: true }).waitFor()
  const [run] = mirror.sql("SELECT id FROM runs WHERE connection = 'cleo' ORDER BY started_at DESC")
  expect(new URL(page.url()).searchParams.get('run')).toBe(run?.['id'])
})

test('a connection shows its streams as the database has them, and its runs', async () => {
  const { link, mirror } = await troubled()
  const { page } = await open(link, '/connections/ada')
  await page.getByText('30 removals are held for you').first().waitFor()
  const row = page.getByRole('row', { name: /^stars/ })
  const [stream] = mirror.sql("SELECT coverage, total_records FROM streams WHERE connection = 'ada'")
  expect(await row.innerText()).toContain(String(stream?.['total_records']))
  expect(await row.innerText()).toContain(String(stream?.['coverage']))
  await page.getByRole('link', { name: 'Runs' }).last().click()
  const ids = mirror.sql("SELECT id FROM runs WHERE connection = 'ada'")
  await expect.poll(() => page.locator('tbody tr').count()).toBe(ids.length)
  expect(new URL(page.url()).search).toBe('?tab=runs')
})

test('runs are listed newest first, filtered in the address, and each opens with what happened', async () => {
  const { link, mirror } = await troubled()
  const { page } = await open(link, '/runs')
  const stored = mirror.sql('SELECT connection, status FROM runs ORDER BY started_at DESC, id DESC')
  const shown = async () => texts(page, 'tbody tr td:nth-child(2)')
  await expect.poll(shown).toEqual(stored.map(({ connection }) => connection))
  await page.getByLabel('Status').selectOption('paused')
  await expect.poll(shown).toEqual(['ben'])
  expect(new URL(page.url()).search).toBe('?status=paused')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'paused' }).click()
  const panel = page.getByRole('dialog')
  await panel.getByText('token_rejected', { exact: true }).waitFor()
  expect(new URL(page.url()).searchParams.get('run')).toMatch(/^\w{26}$/)
  await page.reload()
  await panel.getByText('token_rejected', { exact: true }).waitFor()
  await page.keyboard.press('Escape')
  await expect.poll(() => panel.count()).toBe(0)
})

test('every page can be used by everybody, in light and dark, wide and narrow', async () => {
  const { link, mirror } = await troubled()
  const run = String(mirror.value("SELECT id FROM runs WHERE status = 'paused'"))
  const paths = [
    '/',
    '/connections/ada',
    '/connections/ben?tab=runs',
    '/connections/ada?tab=review',
    '/connections/ada?tab=schedule',
    '/runs',
    `/runs?run=${run}`,
    '/runs/nothing',
    '/?q=nobody',
  ]
  for (const size of ['wide', 'phone'] as const) {
    const { page, another } = await open(link, '/', { size })
    await page.keyboard.press('Control+k')
    await page.getByRole('dialog').getByRole('combobox').waitFor()
    expect([size, 'palette', await barriers(page)]).toEqual([size, 'palette', []])
    expect([size, 'palette', await barriersOfColour(page, 'dark')]).toEqual([size, 'palette', []])
    await page.close()
    for (const path of paths) {
      const shown = await another(path)
      await shown.waitForTimeout(200)
      expect([size, path, await barriers(shown)]).toEqual([size, path, []])
      expect([size, path, await barriersOfColour(shown, 'dark')]).toEqual([size, path, []])
      // Nothing is wider than the window.
      // A phone widens the page instead of scrolling it.
      const over = await shown.evaluate(
        `Math.max(document.documentElement.scrollWidth, innerWidth) - ${SIZES[size].width}`,
      )
      expect([size, path, over]).toEqual([size, path, 0])
      await shown.close()
    }
  }
})

test('everything can be done from the keyboard', async () => {
  const { link } = await troubled()
  const { page } = await open(link)
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog').getByRole('combobox').waitFor()
  await page.keyboard.type('cleo')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'cleo' }).waitFor()
  await page.goBack()
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
  await page.keyboard.press('g')
  await page.keyboard.press('r')
  await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor()
  await page.locator('tbody tr').first().waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await page.keyboard.press('k')
  await page.keyboard.press('o')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Escape')
  await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keys' }).waitFor()
})
