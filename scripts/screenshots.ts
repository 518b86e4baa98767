// Owns pictures of the dashboard: every page over the demo's services, wide and narrow, light and dark.
//
//   npm run screenshots [-- folder]                 writes them there (default: screenshots/)
//   npm run screenshots -- folder --url <link>      of a server that runs already, by the link that it printed

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { contextOf, launch, SIZES, settled, THEMES } from '../test/web/browser.ts'
import { builtWeb } from '../test/web/built.ts'
import { startDemo } from './demo-process.ts'

/** Each page by the name of its pictures. */
const PAGES: Readonly<Record<string, string>> = {
  overview: '/',
  activity: '/activity',
  'overview-problems': '/?show=problems',
  connection: '/connections/tv',
  'connection-review': '/connections/me?tab=review',
  'connection-schedule': '/connections/me?tab=schedule',
  'connection-options': '/connections/me?tab=options',
  'connection-runs': '/connections/me?tab=runs',
  catalogue: '/catalogue',
  records: '/connections/me/streams/stars',
  'records-filtered':
    '/connections/me/streams/stars?where=%5B%22stargazers_count%3E%3D50%22%5D&order=stargazers_count%3Adesc',
  runs: '/runs',
  growth:
    '/growth?range=24h&lines=%5B%22yt%2Fchannel%2Fsubscriber_count%22%2C%22reels%2Faccount%2Ffollowers%22%5D&scale=change',
  add: '/add',
  'add-github': '/add/github',
  'add-stalker': '/add/stalker',
  upload: '/connections/saved/upload',
  search: '/search?q=the&by=meaning',
  sql: '/sql?sql=select%20*%20from%20runs%20order%20by%20started_at%20desc',
  settings: '/settings',
  'settings-webhooks': '/settings?tab=webhooks',
  'settings-budgets': '/settings?tab=budgets',
  'settings-audit': '/settings?tab=audit',
  'settings-notifications': '/settings?tab=notifications',
  'not-found': '/runs/nothing/here',
}

/** A list of hundreds of rows looks the same further down. In pixels. */
const TALL_MAX = 1_600

const root = join(import.meta.dirname, '..')
const { values, positionals } = parseArgs({ allowPositionals: true, options: { url: { type: 'string' } } })
const folder = positionals[0] ?? join(root, 'screenshots')
mkdirSync(folder, { recursive: true })

if (values.url === undefined) await builtWeb()
const demo = values.url === undefined ? startDemo() : undefined
const browser = await launch()
try {
  const link = new URL(values.url ?? (await demo?.link) ?? '')
  for (const size of Object.keys(SIZES) as (keyof typeof SIZES)[]) {
    for (const theme of THEMES) {
      const context = await contextOf(browser, { size, theme })
      const page = await context.newPage()
      await page.goto(`${link.origin}/`)
      await page.locator('h1').first().waitFor()
      await page.screenshot({ path: join(folder, `login-${size}-${theme}.png`) })
      await page.goto(link.href)
      await page.reload()
      for (const [name, path] of Object.entries(PAGES)) {
        await page.goto(link.origin + path)
        await settled(page)
        await sleep(800)
        // A window as tall as the page: what is as tall as a window, such as the navigation, is drawn as a whole.
        const tall = Number(await page.evaluate('document.documentElement.scrollHeight'))
        const { width, height } = SIZES[size]
        if (size === 'wide') await page.setViewportSize({ width, height: Math.min(TALL_MAX, Math.max(height, tall)) })
        await page.screenshot({ path: join(folder, `${name}-${size}-${theme}.png`) })
        await page.setViewportSize({ width, height })
      }
      await context.close()
    }
  }
} finally {
  await browser.close()
  demo?.stop()
}
console.log(`Written to ${folder}`)
