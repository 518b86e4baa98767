// Owns which addresses may be connected to. A name or a URL that somebody else wrote (a portal's address, a next page, a
// redirect) must not turn this process into a way into the machine's own network. Pure: the transport asks here about
// every address that a name resolved to, and connects to exactly that address.

/**
 * - `public`: anybody on the internet could connect to it too.
 * - `private`: this machine, its networks, or a range that is not used for hosts; allowed only where the owner said so.
 * - `metadata`: the address at which a cloud hands credentials to whoever asks from inside; never allowed.
 */
export type AddressKind = 'public' | 'private' | 'metadata'

/** Private ranges with the word for messages. Everything else in IPv4 is public. */
const RANGES_4: readonly (readonly [cidr: string, word: string])[] = [
  ['0.0.0.0/8', 'this machine'],
  ['10.0.0.0/8', 'a private network'],
  ['100.64.0.0/10', 'a carrier network'],
  ['127.0.0.0/8', 'this machine'],
  ['169.254.0.0/16', 'link-local'],
  ['172.16.0.0/12', 'a private network'],
  ['192.0.0.0/24', 'reserved'],
  ['192.0.2.0/24', 'for documentation'],
  ['192.88.99.0/24', 'a relay'],
  ['192.168.0.0/16', 'a private network'],
  ['198.18.0.0/15', 'for benchmarks'],
  ['198.51.100.0/24', 'for documentation'],
  ['203.0.113.0/24', 'for documentation'],
  ['224.0.0.0/3', 'multicast or reserved'],
]

/** In IPv6 only 2000::/3 is public, without these; the names of the other ranges are for messages. */
const RANGES_6: readonly (readonly [cidr: string, word: string])[] = [
  ['::/128', 'this machine'],
  ['::1/128', 'this machine'],
  ['::/96', 'an IPv4 address in disguise'],
  ['::ffff:0:0/96', 'an IPv4 address in disguise'],
  ['::ffff:0:0:0/96', 'an IPv4 address in disguise'],
  ['64:ff9b:1::/48', 'a translated private network'],
  ['2001::/23', 'a tunnel or reserved'],
  ['2001:db8::/32', 'for documentation'],
  ['2002::/16', 'a tunnel'],
  ['3fff::/20', 'for documentation'],
  ['fc00::/7', 'a private network'],
  ['fe80::/10', 'link-local'],
  ['fec0::/10', 'a private network'],
  ['ff00::/8', 'multicast'],
]

/** Where clouds serve credentials: AWS, Google, Azure, Oracle, DigitalOcean, Alibaba, Tencent, Kubernetes on AWS. */
const METADATA = [
  '169.254.169.254',
  '169.254.169.253',
  '169.254.170.2',
  '169.254.170.23',
  '169.254.0.23',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd00:ec2::253',
  'fd00:ec2::23',
  'fd20:ce::254',
].map((address) => keyOf(bytesOf(address)!))

const GLOBAL_6 = rangeOf('2000::/3', 'public')
/** On networks without IPv4, name servers put every IPv4 address behind this prefix; what counts is the one inside. */
const TRANSLATED = rangeOf('64:ff9b::/96', 'translated')
/** Kinds of IPv6 addresses that lead to an IPv4 address, with where they keep it. */
const CARRIERS: readonly { readonly range: Range; readonly inner: (bytes: Bytes) => readonly Bytes[] }[] = [
  ...['::/96', '::ffff:0:0/96', '::ffff:0:0:0/96', '64:ff9b::/96', '64:ff9b:1::/48'].map((cidr) => ({
    range: rangeOf(cidr, 'translated'),
    inner: (bytes: Bytes) => [bytes.slice(12)],
  })),
  { range: rangeOf('2002::/16', '6to4'), inner: (bytes) => [bytes.slice(2, 6)] },
  // Teredo: the server's address, and the client's with every bit turned.
  {
    range: rangeOf('2001::/32', 'Teredo'),
    inner: (bytes) => [bytes.slice(4, 8), bytes.slice(12).map((byte) => byte ^ 0xff)],
  },
]

const PRIVATE_4 = RANGES_4.map(([cidr, word]) => rangeOf(cidr, word))
const PRIVATE_6 = RANGES_6.map(([cidr, word]) => rangeOf(cidr, word))

/** What an address is, and in words why. An unreadable address is private, so that it is refused. */
export function describeAddress(address: string): { readonly kind: AddressKind; readonly word: string } {
  const bytes = bytesOf(address)
  return bytes ? describe(bytes) : { kind: 'private', word: 'no address' }
}

/**
 * Why `address` (an IP address as text) may not be connected to, in words that complete "10.0.0.1 is …"; undefined when
 * it may.
 */
export function addressRefusal(address: string, allowPrivateNetwork: boolean): string | undefined {
  const { kind, word } = describeAddress(address)
  if (kind === 'metadata') return "a cloud's metadata service, which is never allowed"
  return kind === 'private' && !allowPrivateNetwork ? word : undefined
}

/**
 * The same for the host of a URL before it is resolved: IP literals (with or without brackets) and the names that mean
 * this machine whatever a name server says. Other names are judged by what they resolve to.
 */
export function hostRefusal(host: string, allowPrivateNetwork: boolean): string | undefined {
  const name = bareHost(host)
  if (bytesOf(name)) return addressRefusal(name, allowPrivateNetwork)
  const local = name === 'localhost' || name.endsWith('.localhost')
  return local && !allowPrivateNetwork ? 'this machine' : undefined
}

/** A URL's host as a resolver takes it: lower case, no brackets, no dot at the end (`localhost.` is `localhost`). */
export function bareHost(host: string): string {
  const name = host.startsWith('[') ? host.slice(1, -1) : host
  return name.toLowerCase().replace(/(?<!\.)\.+$/, '')
}

/** Whether a bare host is an IP address in its normal form, which needs no resolving. */
export function isAddress(host: string): boolean {
  return bytesOf(host) !== undefined
}

// ── bytes ─────────────────────────────────────────────────────────────────────────────────────────────────────────

type Bytes = readonly number[]

function describe(bytes: Bytes): { readonly kind: AddressKind; readonly word: string } {
  if (METADATA.includes(keyOf(bytes)) || embedded(bytes).some((inner) => METADATA.includes(keyOf(inner)))) {
    return { kind: 'metadata', word: 'a metadata service' }
  }
  if (bytes.length === 16 && isIn(bytes, TRANSLATED)) return describe(bytes.slice(12))
  const range = (bytes.length === 4 ? PRIVATE_4 : PRIVATE_6).find((candidate) => isIn(bytes, candidate))
  if (range) return { kind: 'private', word: range.word }
  return bytes.length === 16 && !isIn(bytes, GLOBAL_6)
    ? { kind: 'private', word: 'not a public address' }
    : { kind: 'public', word: 'public' }
}

/** The IPv4 addresses inside an IPv6 address of a kind that carries one. */
function embedded(bytes: Bytes): readonly Bytes[] {
  if (bytes.length === 4) return []
  const carrier = CARRIERS.find(({ range }) => isIn(bytes, range))
  return carrier ? carrier.inner(bytes) : []
}

function keyOf(bytes: Bytes): string {
  return bytes.join('.')
}

interface Range {
  readonly bytes: Bytes
  readonly bits: number
  readonly word: string
}

function rangeOf(cidr: string, word: string): Range {
  const [address = '', bits = ''] = cidr.split('/')
  return { bytes: bytesOf(address)!, bits: Number(bits), word }
}

function isIn(bytes: Bytes, range: Range): boolean {
  const whole = range.bits >> 3
  for (let i = 0; i < whole; i++) if (bytes[i] !== range.bytes[i]) return false
  const rest = range.bits & 7
  return rest === 0 || (bytes[whole]! ^ range.bytes[whole]!) >> (8 - rest) === 0
}

/** 4 or 16 bytes; undefined for text that is no IP address in the forms that resolvers and WHATWG URLs give. */
function bytesOf(address: string): Bytes | undefined {
  return address.includes(':') ? bytesOf6(address) : bytesOf4(address)
}

function bytesOf4(address: string): Bytes | undefined {
  const parts = address.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part))) return undefined
  const bytes = parts.map(Number)
  return bytes.every((byte) => byte <= 255) ? bytes : undefined
}

function bytesOf6(address: string): Bytes | undefined {
  // A zone names the interface; the address is what counts.
  const plain = withHexTail(address.split('%', 1)[0] ?? '')
  const halves = plain?.split('::')
  if (!halves || halves.length > 2) return undefined
  const [head = [], tail] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const missing = 8 - head.length - (tail?.length ?? 0)
  if (tail ? missing < 1 : missing !== 0) return undefined
  const groups = tail ? [...head, ...Array.from({ length: missing }, () => '0'), ...tail] : head
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined
  return groups.flatMap((group) => {
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 0xff]
  })
}

/** `::ffff:1.2.3.4` as `::ffff:102:304`. */
function withHexTail(address: string): string | undefined {
  if (!address.includes('.')) return address
  const colon = address.lastIndexOf(':')
  const bytes = bytesOf4(address.slice(colon + 1))
  if (!bytes) return undefined
  const group = (high: number, low: number) => ((high << 8) | low).toString(16)
  return `${address.slice(0, colon + 1)}${group(bytes[0]!, bytes[1]!)}:${group(bytes[2]!, bytes[3]!)}`
}
