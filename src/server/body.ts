// Owns reading the body of a request up to a size, and no further.

/** The bytes of a body. @throws what `tooLarge` makes, where it has more than `max` bytes */
export async function bodyWithin(request: Request, max: number, tooLarge: () => Error): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of request.body ?? []) {
    size += part.length
    if (size > max) throw tooLarge()
    parts.push(part)
  }
  return Buffer.concat(parts)
}
