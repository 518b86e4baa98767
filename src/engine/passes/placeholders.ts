// Owns keeping secrets out of stored positions: page tokens often repeat what was sent, such as a link to the next page
// with the API key in it. The name of the option is stored in place of its text, so that the position also holds with
// another login.

import { SecretFinder } from '../../http/secret-finder.ts'
import { isObject, type Json } from '../../model/json.ts'
import type { StreamState } from '../../store/store.ts'

export interface Placeholders {
  /** The value without the secrets. Those that are too short to be told from words stay, as in messages. */
  readonly conceal: (value: Json) => Json
  /** The value with the secrets as they are now; undefined: one of them can't be put back. */
  readonly reveal: (value: Json) => Json | undefined
}

/** In a stored value: what stands in place of a text with a secret, or of an object that has this name itself. */
const SECRET = '$secret'

/** A piece of a text: as it is, an option's text, or pieces that are encoded together. */
type Part = string | { readonly option: string } | { readonly as: string; readonly parts: readonly Part[] }

/** How the text of a secret may be written, and how far what is written so may reach. */
interface Writing {
  readonly as: string
  readonly char: RegExp
  readonly encode: (text: string) => string
  readonly decode: (text: string) => string
}

const utf8 = (encoding: 'base64' | 'base64url' | 'hex') => ({
  encode: (text: string) => Buffer.from(text).toString(encoding),
  decode: (text: string) => Buffer.from(text, encoding).toString(),
})
const withoutPadding = (text: string) => text.replace(/={1,2}$/, '')

const WRITINGS: readonly Writing[] = [
  { as: 'uri', char: /[\w.~%!'()*-]/, encode: encodeURIComponent, decode: decodeURIComponent },
  {
    as: 'form',
    char: /[\w.%*+-]/,
    encode: (text) => new URLSearchParams([['', text]]).toString().slice(1),
    decode: (text) => decodeURIComponent(text.replaceAll('+', ' ')),
  },
  {
    as: 'json',
    char: /[^"]/,
    encode: (text) => JSON.stringify(text).slice(1, -1),
    decode: (text) => JSON.parse(`"${text}"`) as string,
  },
  { as: 'base64', char: /[\w+/]/, ...utf8('base64') },
  {
    as: 'base64-bare',
    char: /[\w+/]/,
    ...utf8('base64'),
    encode: (text) => withoutPadding(utf8('base64').encode(text)),
  },
  { as: 'base64url', char: /[\w-]/, ...utf8('base64url') },
  { as: 'hex', char: /[\da-f]/, ...utf8('hex') },
]

/** One within the other. */
const WRITINGS_MAX = 3

/** `secrets` gives each secret's name and text; it is asked every time, since renewals change them. */
export function placeholders(secrets: () => Iterable<readonly [name: string, text: string]>): Placeholders {
  const finder = new SecretFinder()
  /** Also those before a renewal, which stand in page tokens that came before it. */
  const names = new Map<string, string>()

  function partsOf(text: string, depth: number): readonly Part[] | undefined {
    const parts: Part[] = []
    let at = 0
    for (const { start, end, secret } of finder.find(text)) {
      if (start < at) continue
      const found = partAt(text, at, { start, end, secret }, depth)
      if (!found) return undefined
      parts.push(text.slice(at, found.start), found.part)
      at = found.end
    }
    parts.push(text.slice(at))
    return parts.filter((part) => part !== '')
  }

  function partAt(text: string, from: number, span: { start: number; end: number; secret: string }, depth: number) {
    const { start, end, secret } = span
    const slice = text.slice(start, end)
    const option = names.get(secret)
    // Another login may have signs in it that an address has to escape.
    const isInQuery = /=$|\?/.test(text.slice(0, start))
    const escapable = (part: Part, written: string) =>
      isInQuery && safely(encodeURIComponent, written) === written ? { as: 'uri', parts: [part] } : part
    if (slice === secret && option !== undefined) return { start, end, part: escapable({ option }, slice) }
    for (const writing of depth < WRITINGS_MAX ? WRITINGS : []) {
      for (const range of [{ start, end }, reachOf(text, from, span, writing)]) {
        const written = text.slice(range.start, range.end)
        const plain = safely(writing.decode, written)
        if (plain === undefined || plain === written || safely(writing.encode, plain) !== written) continue
        const parts = partsOf(plain, depth + 1)
        if (!parts?.some((part) => typeof part !== 'string')) continue
        return { ...range, part: escapable({ as: writing.as, parts }, written) }
      }
    }
    return undefined
  }

  function concealed(value: Json): Json {
    if (typeof value === 'string') {
      if (finder.find(value).length === 0) return value
      return { [SECRET]: (partsOf(value, 0) ?? null) as Json }
    }
    if (Array.isArray(value)) return value.map(concealed)
    if (!isObject(value)) return value
    const entries = Object.entries(value as Record<string, Json>)
    if (entries.some(([name]) => name === SECRET || finder.find(name).length > 0)) {
      return { [SECRET]: { entries: entries.map((entry) => entry.map(concealed)) } }
    }
    return Object.fromEntries(entries.map(([name, one]) => [name, concealed(one)]))
  }

  return {
    conceal(value) {
      for (const [name, text] of secrets()) {
        finder.add(text)
        names.set(text, name)
      }
      const text = JSON.stringify(value)
      return text.includes(SECRET) || finder.find(text).length > 0 ? concealed(value) : value
    },

    reveal(value) {
      if (!JSON.stringify(value).includes(SECRET)) return value
      const texts = new Map(secrets())
      return safely((stored) => withSecrets(stored, texts), value)
    },
  }
}

/** A state with its secrets. A listing whose place can't be told any more begins again at its top, a window at its bound. */
export function revealed(state: StreamState, { reveal }: Placeholders): StreamState {
  const members = (value: Json) =>
    isObject(value)
      ? Object.fromEntries(
          Object.entries(value as Record<string, Json>).map(([name, one]) => [name, reveal(one) ?? null]),
        )
      : value
  return {
    ...state,
    value: state.value === undefined ? undefined : members(state.value),
    openWalks: state.openWalks.map((walk) => {
      const { pass, position } = walk
      return { ...walk, position: pass === 'byCursor' ? members(position) : (reveal(position) ?? null) }
    }),
  }
}

/** How far on both sides of a secret the writing may go. */
function reachOf(text: string, from: number, { start, end }: { start: number; end: number }, { as, char }: Writing) {
  let first = start
  let last = end
  while (first > from && char.test(text[first - 1]!)) first--
  while (last < text.length && char.test(text[last]!)) last++
  if (as === 'base64') while (text[last] === '=') last++
  return { start: first, end: last }
}

/** Throws what can't be put back. */
function withSecrets(value: Json, texts: ReadonlyMap<string, string>): Json {
  if (Array.isArray(value)) return value.map((one) => withSecrets(one, texts))
  if (!isObject(value)) return value
  const stored = value as Record<string, Json>
  const held = stored[SECRET]
  if (Array.isArray(held)) return joined(held as readonly Part[], texts)
  if (isObject(held)) {
    const { entries } = held as { entries: readonly (readonly [Json, Json])[] }
    return Object.fromEntries(
      entries.map(([name, one]) => [withSecrets(name, texts) as string, withSecrets(one, texts)]),
    )
  }
  if (held !== undefined) throw new Error('A secret was left out.')
  return Object.fromEntries(Object.entries(stored).map(([name, one]) => [name, withSecrets(one, texts)]))
}

function joined(parts: readonly Part[], texts: ReadonlyMap<string, string>): string {
  return parts
    .map((part) => {
      if (typeof part === 'string') return part
      const text = 'option' in part ? texts.get(part.option) : undefined
      if (text !== undefined) return text
      if ('option' in part) throw new Error(`There is no secret "${part.option}".`)
      const writing = WRITINGS.find(({ as }) => as === part.as)
      if (!writing) throw new Error(`Nothing is known of the writing "${part.as}".`)
      return writing.encode(joined(part.parts, texts))
    })
    .join('')
}

function safely<A, B>(act: (value: A) => B, value: A): B | undefined {
  try {
    return act(value)
  } catch {
    return undefined
  }
}
