// Owns the browser of tests and screenshots: a real Chromium that comes with a package and needs nothing of the system.

import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import chromium from '@sparticuz/chromium'
import { type Browser, type BrowserContext, chromium as driver, type Page } from 'playwright-core'

// The package's own arguments keep all of it in one process, which ends with its second page.
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export async function launch(): Promise<Browser> {
  return driver.launch({ executablePath: await unpacked(), args: ARGS, headless: true })
}

/** Whoever unpacks it has died when it takes so long, in milliseconds. */
const UNPACKED_WITHIN_MS = 60_000

/** It is unpacked by the first process that needs it: another one would start what is still being written. */
async function unpacked(): Promise<string> {
  const place = join(tmpdir(), 'tidemark-chromium')
  const told = join(place, 'path')
  for (;;) {
    if (existsSync(told)) {
      const path = readFileSync(told, 'utf8')
      if (existsSync(path)) return path
    }
    if (isFirst(place)) {
      const path = await chromium.executablePath()
      writeFileSync(told, path)
      return path
    }
    await sleep(50)
  }
}

function isFirst(place: string): boolean {
  try {
    mkdirSync(place)
    return true
  } catch {
    return Date.now() - statSync(place).mtimeMs > UNPACKED_WITHIN_MS
  }
}

export const SIZES = { wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const
export const THEMES = ['light', 'dark'] as const

export interface Look {
  /** @default wide */
  readonly size?: keyof typeof SIZES
  /** @default light */
  readonly theme?: (typeof THEMES)[number]
  /** Whether it has a service worker. @default false */
  readonly worker?: boolean
}

/** A browser of its own: with a language, since the system of a test has none. */
export function contextOf(
  browser: Browser,
  { size = 'wide', theme = 'light', worker = false }: Look = {},
): Promise<BrowserContext> {
  return browser.newContext({
    locale: 'en-US',
    timezoneId: 'UTC',
    viewport: SIZES[size],
    colorScheme: theme,
    reducedMotion: 'reduce',
    serviceWorkers: worker ? 'allow' : 'block',
    ...(size === 'phone' ? { hasTouch: true, isMobile: true, deviceScaleFactor: 2 } : {}),
  })
}

/** Waits until a page shows content: no part of it is being loaded. */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor()
  await page.locator('[role=status][aria-label=Loading]').first().waitFor({ state: 'detached' })
}
