// Owns how a recorded answer is compared with an emulated one: by the types that occur at each path, whatever the values are.

export type Shape = Map<string, Set<string>>

/** The types that occur at each path of some JSON values; the elements of an array share one path. */
export function shapeOf(values: readonly unknown[]): Shape {
  const shape: Shape = new Map()
  const visit = (path: string, value: unknown): void => {
    shape.set(path, (shape.get(path) ?? new Set()).add(typeName(value)))
    if (Array.isArray(value)) for (const element of value) visit(`${path}[]`, element)
    else if (typeof value === 'object' && value !== null) {
      for (const [name, member] of Object.entries(value)) visit(`${path}.${name}`, member)
    }
  }
  for (const value of values) visit('', value)
  return shape
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'fraction'
  if (typeof value !== 'string') return typeof value
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value) ? 'time' : 'string'
}

/** One sentence for each path of a recording that an emulator lacks or types otherwise. */
export function differences(recording: Shape, emulated: Shape): string[] {
  const found: string[] = []
  for (const [path, types] of recording) {
    const list = (set: Set<string> | undefined) => [...(set ?? ['nothing'])].sort().join('|')
    const own = emulated.get(path)
    if (list(own) !== list(types)) found.push(`${path || 'all'} is ${list(types)}, emulated ${list(own)}`)
  }
  return found
}
