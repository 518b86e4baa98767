// Owns the proof of what a person decides on the page of a connection: removals that are held, its schedule, a run that is
// planned first, and its end; each ends in the database as the screen has said it.

import { expect, test } from 'vitest'
import { scheduleWords } from '../../web/src/parts/schedule-words.ts'
import { apiWorld } from '../server/api-world.ts'
import { barriers, dashboard } from './dashboard.ts'

const open = dashboard()

/** An account of which a full run holds thirty removals. */
async function world() {
  const made = await apiWorld({ users: { ada: { stars: 60, token: 'token-of-ada' } } })
  const { connected, tidemark, github } = made
  await connected()
  const me = await tidemark.connection('me')
  await me.sync()
  for (let i = 0; i < 30; i++) github.world.unstarAt('ada', 0)
  await me.sync({ mode: 'full' })
  return made
}

test('removals that are held are shown with their records, and are what was decided', async () => {
  const { link, mirror } = await world()
  const { page } = await open(link, '/connections/me?tab=review')
  const keys = mirror.sql('SELECT key FROM held_removals ORDER BY key').map(({ key }) => String(key))
  expect(keys).toHaveLength(30)
  await page.getByText('30 removals held').waitFor()
  await page.getByText('The records that would go').click()
  const shown = page.getByRole('list', { name: 'Held of stars' }).getByRole('listitem')
  await expect.poll(() => shown.count()).toBe(30)
  expect((await shown.allInnerTexts()).toSorted()).toEqual(keys.toSorted())
  expect(await barriers(page)).toEqual([])
  await page.getByRole('button', { name: 'Approve' }).click()
  await page.getByRole('dialog').getByText('30 records of stars will be marked as removed').waitFor()
  expect(await barriers(page)).toEqual([])
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await expect.poll(() => mirror.value('SELECT count(*) FROM held_removals')).toBe(0)
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('button', { name: 'Bring back' }).click()
  await expect.poll(() => mirror.value('SELECT count(*) FROM github_stars')).toBe(60)
})

test('a record that could not be read is shown as it came, and is read again', async () => {
  const { connected, github, link, tidemark, mirror } = await apiWorld({ stars: 5 })
  await connected()
  github.faults.when({}, { kind: 'rewrite', find: '"stargazers_count": ?\\d+', replace: '"stargazers_count":"many"' })
  await (await tidemark.connection('me')).sync()
  const { page } = await open(link, '/connections/me?tab=review')
  const rows = mirror.sql('SELECT key, message, _raw FROM quarantine')
  const [row] = rows
  expect(rows.length).toBeGreaterThan(0)
  const all = page.getByRole('list', { name: 'Quarantine' }).getByRole('listitem')
  await expect.poll(() => all.count()).toBe(rows.length)
  const aside = all.filter({ hasText: String(row?.['key']) }).first()
  await aside.waitFor()
  expect(await aside.innerText()).toContain(String(row?.['message']))
  await aside.getByText('As it came').click()
  expect(await aside.locator('pre').innerText()).toBe(String(row?.['_raw']))
  expect(await barriers(page)).toEqual([])
  await page.getByRole('button', { name: 'Read them again' }).click()
  await page.getByText(`0 could be read now, ${rows.length} still can't.`).waitFor()
  expect(mirror.value('SELECT count(*) FROM quarantine')).toBe(rows.length)
})

test('a schedule is refused beside its field, and is stored when it is right', async () => {
  const { link, mirror } = await world()
  const { page } = await open(link, '/connections/me?tab=schedule')
  await page.getByRole('button', { name: 'Set a schedule' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('It runs').selectOption('cron')
  await dialog.getByLabel('Times').fill('99 3 * * *')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.getByRole('alert').waitFor()
  expect(await dialog.getByLabel('Times').getAttribute('aria-invalid')).toBe('true')
  expect(mirror.value('SELECT count(*) FROM schedules')).toBe(0)
  await dialog.getByLabel('Times').fill('30 3 * * *')
  await dialog.getByLabel('Time zone').fill('Europe/Berlin')
  await dialog.getByLabel('Quiet hours').fill('22:00-02:00')
  expect(await barriers(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Save' }).click()
  await page.getByText('It runs next on').waitFor()
  expect(mirror.sql('SELECT spec, timezone, quiet_hours FROM schedules')).toMatchObject([
    { spec: 'cron 30 3 * * *', timezone: 'Europe/Berlin', quiet_hours: '22:00-02:00' },
  ])
  await page
    .getByRole('row', { name: /whole connection/ })
    .getByRole('button')
    .click()
  expect(await page.getByRole('dialog').getByLabel('Times').inputValue()).toBe('30 3 * * *')
})

test('a run is planned before it begins, and a connection ends when its name is typed', async () => {
  const { link, tidemark, mirror } = await world()
  const { page } = await open(link, '/connections/me')
  const menu = page.getByRole('button', { name: 'More for me' })
  await menu.click()
  await page.getByRole('menuitem', { name: 'Read all of it again' }).click()
  const plan = await (await tidemark.connection('me')).plan({ mode: 'full' })
  const dialog = page.getByRole('dialog', { name: 'Plan of a run of me' })
  await dialog.getByText('fullPass').waitFor()
  expect(await dialog.locator('dd').first().innerText()).toBe(
    plan.requests === null ? 'only reading can tell' : String(plan.requests),
  )
  expect(await barriers(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Read all of it' }).click()
  await page.getByRole('dialog', { name: 'Run of me', exact: true }).waitFor()
  const id = new URL(page.url()).searchParams.get('run') ?? ''
  expect(mirror.sql(`SELECT mode FROM runs WHERE id = '${id}'`)).toMatchObject([{ mode: 'full' }])
  await page.getByRole('dialog').getByText('The run ends').waitFor()
  await page.keyboard.press('Escape')
  await menu.click()
  await page.getByRole('menuitem', { name: 'Disconnect' }).click()
  const ending = page.getByRole('dialog', { name: 'Disconnect me' })
  expect(await ending.getByRole('button', { name: 'Disconnect' }).isDisabled()).toBe(true)
  await ending.getByLabel('Type me to confirm').fill('me')
  expect(await barriers(page)).toEqual([])
  await ending.getByRole('button', { name: 'Disconnect' }).click()
  await expect.poll(async () => (await tidemark.listConnections({ all: true }))[0]?.paused).toContain('disconnected')
  expect(mirror.value('SELECT count(*) FROM github_stars')).toBeGreaterThan(0)
})

test('gaps are listed, and a budget is set, shown with what is spent of it, and removed', async () => {
  const { connected, link, tidemark, mirror } = await apiWorld({ stars: 350 })
  await connected()
  await tidemark.setBudget('me', { requests: '2/day' })
  await tidemark.setBudget('reddit', { requests: '7/day' })
  await (await tidemark.connection('me')).sync().catch(() => undefined)
  const { page } = await open(link, '/connections/me')
  const gaps = mirror.sql('SELECT stream, note FROM gaps')
  expect(gaps.length).toBeGreaterThan(0)
  const listed = page.getByRole('region', { name: 'Gaps of me' }).locator('tbody tr')
  await expect.poll(() => listed.count()).toBe(gaps.length)
  expect(await listed.first().innerText()).toContain(String(gaps[0]?.['note']))
  expect(await barriers(page)).toEqual([])
  await page.getByRole('button', { name: 'More for me' }).click()
  await page.getByRole('menuitem', { name: 'Plan a run' }).click()
  await page.getByRole('link', { name: 'Change its budgets' }).click()
  const rows = page.getByRole('region', { name: 'Budgets of me' }).locator('tbody tr')
  await expect.poll(() => rows.count()).toBe(1)
  const [budget] = await tidemark.budgets('me')
  expect((await rows.first().innerText()).replaceAll(/\s+/g, ' ')).toContain(
    `${budget?.requests?.spent} of ${budget?.requests?.max} per day`,
  )
  expect(await barriers(page)).toEqual([])
  await rows.first().getByRole('button').click()
  const dialog = page.getByRole('dialog', { name: 'Budget of me' })
  await dialog.getByRole('textbox', { name: /^Requests/ }).fill('')
  await dialog.getByRole('button', { name: 'Set' }).click()
  await page.getByText('Nothing is limited').waitFor()
  expect((await tidemark.budgets()).map(({ name }) => name)).toEqual(['reddit'])
  await page.getByRole('button', { name: 'Set a budget' }).click()
  await dialog.getByRole('textbox', { name: /^Requests/ }).fill('40')
  await dialog.getByRole('button', { name: 'Set' }).click()
  await expect.poll(async () => (await tidemark.budgets('me'))[0]?.requests?.max).toBe(40)
})

test('a schedule is told in words, and as it is written where no short words say all of it', () => {
  const told = (...specs: readonly string[]) => specs.map(scheduleWords)
  expect(told('every 1h', 'every 15m', 'every 90s')).toEqual(['every hour', 'every 15 minutes', 'every 90 seconds'])
  expect(told('cron 0 3 * * *', 'cron 5 * * * *', 'cron 30 7 * * 1')).toEqual([
    'every day at 03:00',
    'every hour at 05 past',
    'every Monday at 07:30',
  ])
  const others = ['cron 0 3 1 * *', 'cron */5 * * * *', 'cron 0 3 * * 1-5', 'cron 0 8,20 * * *', 'adaptive', 'off']
  expect(told(...others)).toEqual(others)
})
