// Owns a dashboard under test: one browser for all files of a process, pages that are logged in and watched: what they log, whom they ask,
// and what their policy refuses.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { beforeAll, expect, onTestFinished } from 'vitest'
import { contextOf, type Look, launch, settled, type THEMES } from './browser.ts'
import { builtWeb } from './built.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export interface Shown {
  readonly page: Page
  /** Another page of the same browser. */
  readonly another: (path: string) => Promise<Page>
}

/** Nobody closes it: it ends with the process. */
let shared: Promise<Browser> | undefined

/** Opens pages of servers; called once at the top of a file. */
export function dashboard() {
  let browser: Browser | undefined
  beforeAll(async () => {
    await builtWeb()
    shared ??= launch()
    browser = await shared
  })

  /** A page in a browser of its own, logged in by the server's link. When the test ends, nothing may have gone wrong in it. */
  return async function open(link: string, path = '/', look: Look = {}): Promise<Shown> {
    if (!browser) throw new Error('The browser is not there yet.')
    const { origin, hash } = new URL(link)
    const context = await contextOf(browser, look)
    const wrong: string[] = []
    context.on('request', (request) => {
      if (new URL(request.url()).origin !== origin) wrong.push(`asks ${request.url()}`)
    })
    context.on('weberror', (error) => wrong.push(`throws ${error.error().message}`))
    context.on('console', (message) => {
      // Answers that are errors are the API's word, and tests look at what is made of them.
      const isAnswer = message.text().startsWith('Failed to load resource')
      if (message.type() === 'error' && !isAnswer) wrong.push(`logs ${message.text()}`)
    })
    onTestFinished(async () => {
      await context.close()
      expect(wrong).toEqual([])
    })
    const another = async (at: string) => {
      const page = await context.newPage()
      await page.goto(`${origin}${at}`)
      await settled(page)
      return page
    }
    const page = await context.newPage()
    await page.goto(`${origin}${path}${hash}`)
    await settled(page)
    return { page, another }
  }
}

/** What keeps people from using a page: the serious faults that axe finds, each with where it is. */
export async function barriers(page: Page): Promise<readonly string[]> {
  return found(page, {})
}

/** Those of them that depend on colours, with the theme turned where the page stands. */
export async function barriersOfColour(page: Page, theme: (typeof THEMES)[number]): Promise<readonly string[]> {
  const before = await page.evaluate(INK)
  await page.emulateMedia({ colorScheme: theme })
  await expect.poll(() => page.evaluate(INK), { timeout: 5_000 }).not.toBe(before)
  await expect.poll(() => page.evaluate(TURNING)).toBe(0)
  const seen = await found(page, { runOnly: ['color-contrast', 'link-in-text-block'] })
  await page.emulateMedia({ colorScheme: theme === 'dark' ? 'light' : 'dark' })
  return seen
}

const INK = 'getComputedStyle(document.body).color'
const TURNING = 'document.getAnimations().filter((one) => one instanceof CSSTransition).length'

/** Only what is wrong leaves the page: axe has much more to tell of what is right. */
async function found(page: Page, options: { readonly runOnly?: readonly string[] }): Promise<readonly string[]> {
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(AXE)
  return page.evaluate(`axe.run(${JSON.stringify({ ...options, resultTypes: ['violations'] })}).then(({ violations }) =>
    violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 200))))`)
}
