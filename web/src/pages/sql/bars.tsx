// Owns numbers of names, drawn as bars.

import { countText, plural } from '../../parts/values.tsx'

interface BarsProps {
  readonly label: string
  readonly bars: readonly { readonly name: string; readonly value: number }[]
  /** How many rows are not drawn. */
  readonly more: number
}

export function Bars({ label, bars, more }: BarsProps) {
  const longest = Math.max(...bars.map(({ value }) => Math.abs(value)), Number.MIN_VALUE)
  return (
    <figure aria-label={label} className="flex flex-col gap-2">
      <table className="w-full border-separate border-spacing-y-0.5 text-sm">
        <tbody>
          {bars.map(({ name, value }, i) => (
            <tr key={`${i} ${name}`}>
              <th scope="row" className="w-0 max-w-52 truncate pr-3 text-left font-normal text-muted" title={name}>
                {name}
              </th>
              <td className="w-full">
                <div
                  aria-hidden
                  className={`h-4 rounded-sm ${value < 0 ? 'bg-series-2' : 'bg-series-1'}`}
                  style={{ width: `${(Math.abs(value) / longest) * 100}%` }}
                />
              </td>
              <td className="w-0 pl-3 text-right">{countText(value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {more > 0 && <figcaption className="text-xs text-muted">{plural(more, 'more row')}, not drawn</figcaption>}
    </figure>
  )
}
