// Owns the browser of tests and screenshots: a real Chromium that comes with a package and needs nothing of the system.

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
  return driver.launch({ executablePath: await chromium.executablePath(), args: ARGS, headless: true })
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
