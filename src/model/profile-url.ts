// Owns which addresses name the same profile: one spelling for each, whatever the case, the scheme, `www.`, slashes, and
// what stands behind the name of the account.

/** What the first part of a path is where it is no account, with the parts that name one behind it. */
const BEHIND: Readonly<Record<string, readonly string[]>> = {
  'youtube.com': ['c', 'user', 'channel'],
  'reddit.com': ['user', 'u'],
}

/** Services whose names of accounts are the same in capitals. */
const FOLDED = new Set([
  'youtube.com',
  'instagram.com',
  'tiktok.com',
  'x.com',
  'github.com',
  'reddit.com',
  'facebook.com',
  'twitch.tv',
  'threads.net',
])

const SAME_HOST: ReadonlyMap<string, string> = new Map([['twitter.com', 'x.com']])

/** Parts of a profile that stand behind its name. */
const TABS = new Set(
  'about community featured followers following likes live media playlists reels replies repositories saved shorts stars streams submitted tagged videos with_replies'.split(
    ' ',
  ),
)

/** What stands where a name stands, and is none: the page of a video, a search. */
const NO_NAMES = new Set(
  'explore feed hashtag home i p playlist profile.php reel results search shorts status watch'.split(' '),
)

/**
 * The identity of a profile: `https://host/name`, without `www.`, query, fragment and the tabs of a profile. A handle alone
 * (`@Ada`) is lower case. An address that is no profile of a service that we know keeps its path, capitals and query: two
 * videos are never one. What is neither an address nor a handle is itself, without spaces around it. '' for nothing. The
 * ids of YouTube channels (`/channel/UC…`) keep their capitals, which mean something.
 */
export function canonicalProfile(text: string): string {
  const given = text.trim()
  if (given.startsWith('@')) return given.toLowerCase()
  const found = /^(https?:)?\/*([a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)+)(?::\d+)?(?:([/?#])(.*))?$/i.exec(given)
  if (!found || given.includes(' ')) return given
  const [, scheme, name = '', mark = '', rest = ''] = found
  // Alone it may be a name with a dot as well as an address.
  if (scheme === undefined && mark === '') return given
  const host = hostOf(name)
  const [path, query] = partsOf(`${mark === '/' ? '' : mark}${rest}`)
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decoded)
  const profile = FOLDED.has(host) ? profileOf(host, parts) : undefined
  if (profile !== undefined) return ['https:/', host, ...profile].join('/')
  return `${['https:/', host, ...parts].join('/')}${query}`
}

/** The path, and the query with its question mark; a fragment is neither. */
function partsOf(text: string): readonly [path: string, query: string] {
  const [whole = ''] = text.split('#', 1)
  const at = whole.indexOf('?')
  return at < 0 ? [whole, ''] : [whole.slice(0, at), whole.slice(at)]
}

function hostOf(name: string): string {
  const host = name.toLowerCase().replace(/^(?:www|m|mobile)\./, '')
  return SAME_HOST.get(host) ?? host
}

/** Undefined: the path names no profile. */
function profileOf(host: string, parts: readonly string[]): readonly string[] | undefined {
  const last = parts.at(-1)?.toLowerCase() ?? ''
  const named = parts.length > 1 && TABS.has(last) ? parts.slice(0, -1) : parts
  const [first = '', second = '', ...more] = named
  const kind = first.toLowerCase()
  if (more.length > 0) return undefined
  if ((BEHIND[host] ?? []).includes(kind)) {
    if (second === '') return undefined
    return [kind === 'u' ? 'user' : kind, kind === 'channel' ? second : second.toLowerCase()]
  }
  if (second !== '' || NO_NAMES.has(kind)) return undefined
  if (kind === '') return []
  return [host === 'tiktok.com' && !kind.startsWith('@') ? `@${kind}` : kind]
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
