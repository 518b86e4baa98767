// Owns the proof of the settings: what is made there is in force, what is shown once is shown once, what is destroyed is asked
// about first, and what a session may not do says what it lacks.

import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { apiWorld } from '../server/api-world.ts'
import { SIZES } from './browser.ts'
import { barriers, dashboard } from './dashboard.ts'

const open = dashboard()

/** Takes webhooks, or refuses them. */
async function receiver() {
  const taken: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = []
  let status = 204
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (part: Buffer) => {
      body += part.toString()
    })
    request.on('end', () => {
      taken.push({ headers: request.headers, body })
      response.writeHead(status).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  return { url, taken, answer: (next: number) => void (status = next) }
}

test('a token is made with its scopes, shown once, is in force, and is revoked when that was confirmed', async () => {
  const { link, call } = await apiWorld()
  const { page } = await open(link, '/settings')
  await page.getByRole('button', { name: 'New token' }).click()
  expect(await barriers(page)).toEqual([])
  await page.getByLabel('What it is for').fill('the night job')
  await page.getByLabel('sync', { exact: true }).check()
  await page.getByLabel('Expires').selectOption('30d')
  await page.getByRole('button', { name: 'Create' }).click()
  const token = await page.getByLabel('Token', { exact: true }).innerText()
  const { json: session } = await call('/api/session', token)
  expect(session.scopes).toEqual(['read', 'sync'])
  expect(await barriers(page)).toEqual([])
  await page.getByRole('button', { name: 'Done' }).click()
  const row = page.getByRole('row', { name: /the night job/ })
  expect(await row.innerText()).toContain('read, sync')
  expect(await page.content()).not.toContain(token)
  await row.getByRole('button', { name: 'Revoke' }).click()
  const question = page.getByRole('dialog', { name: 'Revoke the night job?' })
  await question.waitFor()
  expect(await barriers(page)).toEqual([])
  // Enter keeps it.
  await page.keyboard.press('Enter')
  await expect.poll(() => question.count()).toBe(0)
  expect((await call('/api/session', token)).status).toBe(200)
  await row.getByRole('button', { name: 'Revoke' }).click()
  await question.getByRole('button', { name: 'Revoke' }).click()
  await expect.poll(() => row.count()).toBe(0)
  expect((await call('/api/session', token)).status).toBe(401)
})

test('a webhook is made, tested, shown with what became of its messages, and deleted', async () => {
  const { link, tidemark } = await apiWorld()
  const { url, taken, answer } = await receiver()
  const { page } = await open(link, '/settings?tab=webhooks')
  await page.getByRole('button', { name: 'New webhook' }).click()
  await page.getByLabel('Sent to').fill(url)
  await page.getByLabel('run.finished').uncheck()
  await page.getByRole('button', { name: 'Create' }).click()
  // Its address is of this machine, which has to be allowed.
  await page.getByRole('dialog').getByRole('alert').waitFor()
  await page.getByLabel('May be in a private network').check()
  await page.getByRole('button', { name: 'Create' }).click()
  const secret = await page.getByLabel('Secret', { exact: true }).innerText()
  expect(secret).toMatch(/^whsec_/)
  await page.getByRole('button', { name: 'Done' }).click()
  await page.getByRole('button', { name: url }).click()
  const panel = page.getByRole('dialog', { name: 'Webhook' })
  await panel.getByRole('button', { name: 'Test it' }).click()
  await panel.getByText('The test was taken, with answer 204.').waitFor()
  expect(taken).toHaveLength(1)
  expect(taken[0]?.headers['webhook-signature']).toMatch(/^v1,/)
  answer(410)
  await panel.getByRole('button', { name: 'Test it' }).click()
  await panel.getByText('The test was not taken, with answer 410.').waitFor()
  const [webhook] = await tidemark.webhooks.list()
  const { messages } = await tidemark.webhooks.show(webhook?.id ?? '')
  await expect.poll(() => panel.getByRole('listitem').count()).toBe(messages.length)
  expect(new URL(page.url()).searchParams.get('webhook')).toBe(webhook?.id)
  expect(await barriers(page)).toEqual([])
  await panel.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('dialog', { name: 'Delete this webhook?' }).getByRole('button', { name: 'Delete' }).click()
  await page.getByText('Nobody is told').waitFor()
  expect(await tidemark.webhooks.list()).toEqual([])
  // Looking is no deed, however often a page asks.
  const done = new Set((await tidemark.auditLog()).map(({ operation }) => operation))
  expect([...done].sort()).toEqual(['createToken', 'createWebhook', 'deleteWebhook', 'testWebhook'])
})

test('a budget is set and shown with what is spent of it, a project is made, and the log tells of both', async () => {
  const { link, connected, synced, tidemark } = await apiWorld()
  await connected()
  await synced()
  const { page } = await open(link, '/settings?tab=budgets')
  await page.getByRole('button', { name: 'Set a budget' }).click()
  await page.getByLabel('Of', { exact: true }).selectOption('me')
  await page.getByRole('textbox', { name: /^Requests/ }).fill('0.5')
  await page.getByRole('button', { name: 'Set', exact: true }).click()
  await page.getByText('The limit of requests is a whole number').waitFor()
  await page.getByRole('textbox', { name: /^Requests/ }).fill('500')
  await page.getByRole('button', { name: 'Set', exact: true }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  const [budget] = await tidemark.budgets()
  expect(budget).toMatchObject({ name: 'me', requests: { max: 500, per: 'hour' }, cost: null })
  expect(budget?.requests?.spent).toBeGreaterThan(0)
  await expect
    .poll(() => page.getByRole('row', { name: /^me/ }).innerText())
    .toContain(`${budget?.requests?.spent} of 500 per hour`)
  await page.getByRole('link', { name: 'Projects' }).click()
  await page.getByRole('button', { name: 'New project' }).click()
  await page.getByLabel('Name').fill('atelier')
  await page.getByLabel('Time zone').selectOption('Europe/Berlin')
  await page.getByRole('button', { name: 'Create' }).click()
  await page.getByRole('row', { name: /^atelier/ }).waitFor()
  expect((await tidemark.projects()).map(({ id }) => id)).toContain('atelier')
  await page.getByRole('link', { name: 'Audit log' }).click()
  const deeds = await tidemark.auditLog()
  await expect.poll(() => page.locator('tbody tr').count()).toBe(deeds.length)
  expect(await page.locator('tbody tr td:nth-child(2)').allInnerTexts()).toEqual(
    deeds.map(({ operation }) => operation.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)),
  )
  await page.getByLabel('Connection', { exact: true }).selectOption('me')
  await expect.poll(() => page.locator('tbody tr').count()).toBe(deeds.filter((one) => one.connection === 'me').length)
  expect(new URL(page.url()).search).toBe('?tab=audit&connection=me')
})

test('a session that may only look is told which scope each part needs', async () => {
  const { link, tokens } = await apiWorld()
  const { page } = await open(link.replace(/#.*/, ''), '/settings')
  await page.getByLabel('Or log in with a token').fill(tokens.read)
  await page.keyboard.press('Enter')
  await page.getByText('Looking at tokens needs the scope').waitFor()
  await page.getByRole('link', { name: 'Budgets' }).click()
  await page.getByText('Setting a budget needs the scope').waitFor()
  await page.getByText('Nothing is limited').waitFor()
  expect(await page.getByRole('button', { name: 'Set a budget' }).count()).toBe(0)
  await page.getByRole('link', { name: 'Projects' }).click()
  await page.getByRole('row', { name: /default/ }).waitFor()
  expect(await page.getByRole('button', { name: 'New project' }).count()).toBe(0)
})

test('the settings can be used by everybody, in light and dark, wide and narrow', async () => {
  const { link, connected, tidemark } = await apiWorld()
  await connected()
  await tidemark.setBudget('me', { requests: '500/hour' })
  await tidemark.webhooks.create('https://example.com/a-long-address/of-a-program/that-is-told')
  const looks = [
    ['light', 'wide'],
    ['dark', 'phone'],
  ] as const
  for (const [theme, size] of looks) {
    const { page } = await open(link, '/settings', { theme, size })
    for (const tab of ['Tokens', 'Webhooks', 'Budgets', 'Projects', 'Key', 'Audit log']) {
      await page.getByRole('navigation', { name: 'Parts of the settings' }).getByRole('link', { name: tab }).click()
      await page.getByRole('region', { name: tab }).first().waitFor()
      const parts = page.getByRole('navigation', { name: 'Parts of the settings' })
      await expect.poll(() => parts.locator('[aria-current]').allInnerTexts()).toEqual([tab])
      expect([theme, size, tab, await barriers(page)]).toEqual([theme, size, tab, []])
      const over = await page.evaluate(
        `Math.max(document.documentElement.scrollWidth, innerWidth) - ${SIZES[size].width}`,
      )
      expect([theme, size, tab, over]).toEqual([theme, size, tab, 0])
    }
  }
})

test('workers are shown with what waits for them and their limits, once there are any; the own token is marked', async () => {
  const { link, tidemark } = await apiWorld()
  const { page } = await open(link, '/settings')
  const own = page.getByRole('row').filter({ hasText: 'this browser' })
  await own.getByText('a browser, by the link of the server').waitFor()
  expect(await own.count()).toBe(1)
  const tabs = page.getByRole('navigation', { name: 'Parts of the settings' })
  expect(await tabs.getByRole('link', { name: 'Workers' }).count()).toBe(0)
  const { store } = tidemark
  const now = await store.now()
  const holder = { id: 'w1', host: 'atlas', pid: 4_711, startedAt: now }
  await store.workers.beat({ holder, startedAt: now, seenAt: now, together: 8 }, now - 60_000)
  await store.limits.reserve({ key: 'shop', capacity: 10, perMs: 1_000, want: 4, now })
  await page.reload()
  await tabs.getByRole('link', { name: 'Workers' }).click()
  const { workers, limits, queue } = await tidemark.workers()
  const row = (label: string) => page.getByRole('region', { name: label }).locator('tbody tr').allInnerTexts()
  await expect.poll(async () => (await row('Workers'))[0]).toContain(`atlas 4711\t0 of ${workers[0]?.together}`)
  expect((await row('Limits'))[0]).toContain(`shop\t10 in 1.0 s\t`)
  expect([limits.length, queue.due]).toEqual([1, 0])
  expect(await barriers(page)).toEqual([])
})
