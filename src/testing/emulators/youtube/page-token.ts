// Owns the page tokens of the YouTube emulator: an offset from the top and whether it leads back, as the recorded ones are
// (`CAoQAA` is 10 forward, `CAoQAQ` 10 back): two numbers in the wire format of protocol buffers.

export function pageToken(offset: number, back = false): string {
  return Buffer.from([8, ...varint(offset), 16, back ? 1 : 0]).toString('base64url')
}

/** 0 without a token; undefined: it is none. A token that leads back names its page, too. */
export function offsetOf(token: string | null): number | undefined {
  if (token === null) return 0
  const bytes = Buffer.from(token, 'base64url')
  let offset = 0
  let at = 1
  for (let shift = 0; at < bytes.length; shift += 7) {
    const byte = bytes[at++] as number
    offset += (byte & 127) << shift
    if (byte < 128) break
  }
  return [false, true].some((back) => pageToken(offset, back) === token) ? offset : undefined
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]
}
