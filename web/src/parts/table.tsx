// Owns plain tables: a head that stays, rows that can be walked through with the keyboard.

import type { ReactNode } from 'react'

export interface Column<Row> {
  readonly id: string
  readonly title: string
  readonly cell: (row: Row) => ReactNode
  readonly isNumber?: boolean
  /** Left out where the window is narrow. */
  readonly isWide?: boolean
}

interface TableProps<Row> {
  readonly label: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
  /** What opens a row; the first cell is its button. */
  readonly open?: (row: Row) => void
}

export function Table<Row>({ label, columns, rows, keyOf, open }: TableProps<Row>) {
  return (
    // The keyboard scrolls what a narrow window cuts off.
    <div
      tabIndex={0}
      role="region"
      aria-label={label}
      className="cuts relative overflow-x-auto rounded-lg border border-line shadow-card"
    >
      <table className="w-full border-collapse text-sm">
        <thead className="text-left text-xs text-muted">
          <tr>
            {columns.map(({ id, title, isNumber, isWide }) => (
              <th
                key={id}
                scope="col"
                className={`h-9 border-b border-line px-2 font-medium sm:px-3 whitespace-nowrap ${placing(isNumber, isWide)}`}
              >
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr
              key={keyOf(row)}
              data-row
              onClick={open && (() => open(row))}
              className={`border-b border-line last:border-0 ${open ? 'cursor-pointer hover:bg-raised/60 has-[button:focus-visible]:bg-raised' : ''}`}
            >
              {columns.map(({ id, cell, isNumber, isWide }, i) => (
                <td key={id} className={`h-10 px-2 py-1.5 sm:px-3 ${placing(isNumber, isWide)}`}>
                  {i === 0 && open ? (
                    <button
                      type="button"
                      data-open
                      className="text-left"
                      onClick={(event) => (event.stopPropagation(), open(row))}
                    >
                      {cell(row)}
                    </button>
                  ) : (
                    cell(row)
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function placing(isNumber = false, isWide = false): string {
  return `${isNumber ? 'text-right' : ''} ${isWide ? 'max-md:hidden' : ''}`
}
