// Owns the proof of how a browser gets in: by the link that the server printed, or by a token, and not without.

import { expect, test } from 'vitest'
import { apiWorld } from '../server/api-world.ts'
import { barriers, dashboard } from './dashboard.ts'

const open = dashboard()

test('the link logs in, leaves the address, and can be opened again; each session can be ended by its token', async () => {
  const { link, connected, call, tokens } = await apiWorld()
  await connected()
  const { page, another } = await open(link)
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  expect(page.url()).not.toContain('login')
  const other = await another('/runs')
  await other.getByRole('heading', { name: 'Runs' }).waitFor()
  const { page: elsewhere } = await open(link, '/connections/me')
  await elsewhere.getByRole('heading', { name: 'me' }).waitFor()
  const made = (await call('/api/tokens', tokens.admin)).json.tokens.filter(({ note }: { note: string }) =>
    note.includes('link'),
  )
  expect(made).toHaveLength(2)
  for (const { id } of made) await call(`/api/tokens/${id}`, tokens.admin, { method: 'DELETE' })
  await page.reload()
  await page.getByLabel('Or log in with a token').waitFor()
})

test('nobody sees anything without a session; a token begins one, and logging out ends it', async () => {
  const { link, connected, tokens } = await apiWorld()
  await connected()
  for (const theme of ['light', 'dark'] as const) {
    const { page } = await open(link.replace(/#.*/, ''), '/connections/me', { theme })
    const field = page.getByLabel('Or log in with a token')
    await field.waitFor()
    expect(await page.getByText('github').count()).toBe(0)
    expect(await barriers(page)).toEqual([])
    await field.fill('tidemark_nothing')
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('alert').filter({ hasText: 'not in force' }).waitFor()
    await field.fill(tokens.read)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'me' }).waitFor()
    // What the token may not do is refused, with what it lacks.
    await page.getByRole('button', { name: 'Sync', exact: true }).click()
    await page.getByText('needs the scope sync').waitFor()
    await page.getByRole('button', { name: 'Log out' }).click()
    await field.waitFor()
  }
})

test('a link of a server that is no more says what to do', async () => {
  const { link } = await apiWorld()
  const { page } = await open(`${link.slice(0, -3)}abc`)
  await page.getByText('The link is not in force any more').waitFor()
  expect(await page.getByLabel('Or log in with a token').count()).toBe(1)
})
