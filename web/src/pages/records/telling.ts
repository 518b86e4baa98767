// Owns which columns of a stream are shown until a person chooses: those that tell records from each other. Pure.

interface Column {
  readonly name: string
  readonly type: string
}

/** So many of them. */
const SHOWN = 9
/** Addresses and pictures, by the words of their names: long, and alike. */
const ADDRESS =
  /(?:^|_)(?:url|uri|link|href|image|images|poster|posters|thumbnail|thumbnails|avatar|cover|icon|logo|screenshots|cmd)$/
/** Another form of what stands beside it. */
const AGAIN = /^original_/

export function tellingColumns(columns: readonly Column[], metrics: readonly string[]): readonly string[] {
  const plain = columns.filter(({ name, type }) => type !== 'json' && name !== 'id' && !metrics.includes(name))
  const telling = plain.filter(({ name }) => !ADDRESS.test(name) && !AGAIN.test(name))
  // Where there is nothing else, an address tells enough.
  const first = [...telling, ...plain.filter((one) => !telling.includes(one))]
  const room = Math.max(4, SHOWN - metrics.length)
  return [...(telling.length < 2 ? first : telling).slice(0, room).map(({ name }) => name), ...metrics.slice(0, SHOWN)]
}
