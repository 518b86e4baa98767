// Owns the dashboard's files as they are served: its one page for each of its addresses, and its assets, whose names say what
// is in them. They hold nothing of anybody: what the page shows it asks of the API, as whoever has logged in.

import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { type Context, Hono } from 'hono'
import { PACKAGE_FOLDER } from '../program-files.ts'

const FOLDER = join(PACKAGE_FOLDER, 'dist', 'web')

/** How the addresses of its pages begin. What is none of them is not there. */
export const PAGES = [
  'add',
  'connections',
  'runs',
  'growth',
  'catalogue',
  'search',
  'sql',
  'activity',
  'settings',
] as const

/** Files beside its page that browsers ask for by these names. */
const OWN_FILES = [
  'icon.svg',
  'icon-192.png',
  'icon-512.png',
  'icon-maskable-512.png',
  'manifest.webmanifest',
  'service-worker.js',
] as const

/** The page has no inline script and no inline style, and asks nobody but this server. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; manifest-src 'self'; " +
  "worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
}

/** What is compressed beside a file, best first. */
const ENCODINGS = [
  { name: 'br', ending: '.br' },
  { name: 'gzip', ending: '.gz' },
] as const

const FOREVER = 'public, max-age=31536000, immutable'
/** A browser keeps it, and asks each time whether it is still the same. */
const ASKED = 'no-cache'

/** Serves what was built of the dashboard; `folder` is where it was built. */
export function createDashboard(folder = FOLDER): Hono {
  const app = new Hono()
  const page = async (context: Context) =>
    (await sent(context, folder, 'index.html', ASKED)) ??
    context.html(NOT_BUILT, 200, { 'content-security-policy': PAGE_POLICY })
  app.get('/', page)
  for (const name of PAGES) {
    app.get(`/${name}`, page)
    app.get(`/${name}/*`, page)
  }
  for (const file of OWN_FILES) {
    app.get(`/${file}`, async (context, next) => (await sent(context, folder, file, ASKED)) ?? next())
  }
  app.get('/assets/:file', async (context, next) => {
    const file = context.req.param('file')
    const isName = /^\w[\w.-]*\.(?:js|css|svg|png)$/.test(file)
    return (isName ? await sent(context, folder, join('assets', file), FOREVER) : undefined) ?? next()
  })
  return app
}

/** A file as the answer; undefined: there is none. */
async function sent({ req }: Context, folder: string, file: string, keep: string): Promise<Response | undefined> {
  const accepted = (req.header('accept-encoding') ?? '').split(',').map((one) => one.split(';')[0]?.trim())
  const encodings = ENCODINGS.filter(({ name }) => accepted.includes(name))
  for (const { name, ending } of [...encodings, { name: undefined, ending: '' }]) {
    const bytes = await readFile(join(folder, file + ending)).catch(() => undefined)
    if (!bytes) continue
    const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`
    const headers = {
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
      'cache-control': keep,
      'content-security-policy': PAGE_POLICY,
      vary: 'accept-encoding',
      etag,
      ...(name === undefined ? {} : { 'content-encoding': name }),
    }
    if (req.header('if-none-match') === etag) return new Response(null, { status: 304, headers })
    return new Response(bytes, { headers: { ...headers, 'content-length': String(bytes.length) } })
  }
  return undefined
}

/** In a checkout whose dashboard was never built. */
const NOT_BUILT = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Tidemark</title></head>
<body><h1>Tidemark</h1><p>The server is up. Its dashboard is not built in this checkout: <code>npm run build</code>.</p></body></html>
`
