// Owns what an address that requests are built on may not carry. Such addresses are stored and printed as they are, so
// nothing that opens a door belongs in them, and what follows the path would be sent by no request. Pure.

const LOGIN = 'a user name or password'

/** What an address has that a base address may not have; undefined when it has none of it, or is no address. */
export function surplusOf(address: string): string | undefined {
  const url = URL.parse(address)
  if (!url) return undefined
  if (hasLogin(url)) return LOGIN
  return url.search !== '' ? 'a query' : url.hash !== '' ? 'a fragment' : undefined
}

/** Whether an address says who asks. */
export function hasLogin({ username, password }: URL): boolean {
  return username !== '' || password !== ''
}

/** Whether a text is an address with a login in it: of the web, or of anything else that a password opens. */
export function holdsLogin(text: string): boolean {
  const url = /^\s*[a-z][a-z\d+.-]{0,30}:\/\//i.test(text) ? URL.parse(text) : null
  return url !== null && (/^https?:$/.test(url.protocol) ? hasLogin(url) : url.password !== '')
}
