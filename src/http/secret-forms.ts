// Owns the forms in which a secret may stand in a text: as it is, as addresses, forms and JSON write it, and packed as
// hexadecimal or Base64, also in the middle of something longer. Pure.

/** Shorter values would hit words of the text; nothing that short protects anything. */
export const SECRET_LENGTH_MIN = 5
/** A shorter piece of Base64 or hexadecimal stands in texts by chance. */
const PACKED_LENGTH_MIN = 8

/** Every form of a secret, each once; none for one that is too short to be looked for. */
export function secretForms(secret: string): readonly string[] {
  if (secret.length < SECRET_LENGTH_MIN) return []
  const inAddress = encodeURIComponent(secret)
  const bytes = Buffer.from(secret, 'utf8')
  const hex = bytes.toString('hex')
  const packed = [...base64Pieces(bytes, 'base64'), ...base64Pieces(bytes, 'base64url'), hex, hex.toUpperCase()]
  const forms = [
    secret,
    inAddress,
    inAddress.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    new URLSearchParams({ '': secret }).toString().slice(1),
    JSON.stringify(secret).slice(1, -1),
    ...packed.filter((piece) => piece.length >= PACKED_LENGTH_MIN),
  ]
  return [...new Set(forms)]
}

/**
 * What Base64 makes of these bytes wherever they stand: at each of the three places within a group, the characters that
 * depend on nothing else. `user:secret` of Basic authentication contains one of them.
 */
function base64Pieces(bytes: Buffer, encoding: 'base64' | 'base64url'): readonly string[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString(encoding)
      .replace(/=+$/, '')
    const from = Math.ceil((before * 8) / 6)
    const to = Math.floor(((before + bytes.length) * 8) / 6)
    return text.slice(from, to)
  })
}
