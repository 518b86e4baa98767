// Owns the tab that is meant by its title, and what is said of one that can't be read. Pure.
//
// Facts (developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/sheets): a sheet of the type OBJECT has no
// grid, and a chart or an image instead. Reported by users of several clients: an Excel file that lies in Drive as it was
// uploaded is answered with 400 FAILED_PRECONDITION, "This operation is not supported for this document", whatever is asked.

import { TidemarkError } from '../../model/errors.ts'
import { isObject } from '../../model/json.ts'
import { knownNames } from '../../model/near-miss.ts'

export interface Tab {
  readonly title: string
  /** Whether it has rows. */
  readonly isGrid: boolean
}

/** What is asked of a spreadsheet to know its tabs. */
export const TABS = { fields: 'sheets.properties(title,sheetType)' } as const

export function tabsIn(body: unknown): readonly Tab[] {
  const sheets = isObject(body) && Array.isArray(body['sheets']) ? body['sheets'] : []
  return sheets.flatMap((sheet: unknown) => {
    const { title, sheetType } = isObject(sheet) && isObject(sheet['properties']) ? sheet['properties'] : {}
    return typeof title === 'string' ? [{ title, isGrid: sheetType !== 'OBJECT' }] : []
  })
}

/** The tab whose title is the one that was given but for blanks around it, where that is one only. */
export function meantTab(given: string, tabs: readonly Tab[]): string | undefined {
  const [first, ...others] = tabs.filter(({ title, isGrid }) => isGrid && title.trim() === given.trim())
  return first && others.length === 0 && first.title !== given ? first.title : undefined
}

/** Why a tab can't be read of which the API says that it can't parse its range. `tabs` is empty where they are not known. */
export function unreadTab(given: string, tabs: readonly Tab[]): TidemarkError {
  const titles = tabs.filter(({ isGrid }) => isGrid).map(({ title }) => shown(title))
  const named = tabs.find(({ title }) => title.trim().toLowerCase() === given.trim().toLowerCase())
  const known = titles.length === 0 ? '' : `${knownNames(given, titles, 'Its tabs with rows')}. `
  return new TidemarkError(
    'sheet_tab_missing',
    named && !named.isGrid
      ? `The tab "${named.title}" is a chart or an image, and has no rows.`
      : `The spreadsheet has no tab "${given}".`,
    { scope: 'stream', hint: `${known}Correct the option sheet: tidemark connect. Nothing was removed.` },
  )
}

/** Blanks around a title are seen in quotes only. */
function shown(title: string): string {
  return title === title.trim() ? title : `"${title}"`
}

/** What a 400 says that is not about a range. */
export function refusedTab(said: string): TidemarkError {
  const isOffice = /not supported for this document|office file/i.test(said)
  return new TidemarkError('request_refused', `Google Sheets: ${said} (400).`, {
    scope: 'stream',
    ...(isOffice
      ? {
          hint: 'It is an Excel file in Drive, which Google does not read as a spreadsheet. Open it, choose File, "Save as Google Sheets", share the new spreadsheet, and give its address as the option spreadsheetId: tidemark connect.',
        }
      : {}),
  })
}
