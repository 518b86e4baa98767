// Owns a chart as a picture: its lines as they are drawn, with title and names above them.

import { colourOf, SERIES_MAX } from './colours.ts'
import type { Series } from './series.ts'

/** Of the picture, in pixels of the page. */
const EDGE = 20
const TITLE_HEIGHT = 34
const LINE_HEIGHT = 20

/** A PNG of the chart that stands in an element; null: nothing is drawn there. */
export async function pictureOf(
  element: HTMLElement,
  { title, series }: { readonly title: string; readonly series: readonly Series[] },
): Promise<Blob | null> {
  const lines = element.querySelector('canvas')
  if (!lines) return null
  const scale = lines.width / lines.clientWidth || 1
  const top = EDGE + TITLE_HEIGHT + series.length * LINE_HEIGHT
  const canvas = document.createElement('canvas')
  canvas.width = lines.width + 2 * EDGE * scale
  canvas.height = lines.height + (top + EDGE) * scale
  const pen = canvas.getContext('2d')
  if (!pen) return null
  const { fontFamily } = getComputedStyle(element)
  pen.scale(scale, scale)
  pen.fillStyle = colourOf(element, '--surface')
  pen.fillRect(0, 0, canvas.width, canvas.height)
  pen.fillStyle = colourOf(element, '--text')
  pen.font = `600 16px ${fontFamily}`
  pen.fillText(title, EDGE, EDGE + 16)
  pen.font = `13px ${fontFamily}`
  series.forEach(({ name }, i) => {
    const y = EDGE + TITLE_HEIGHT + i * LINE_HEIGHT
    pen.fillStyle = colourOf(element, `--series-${(i % SERIES_MAX) + 1}`)
    pen.fillRect(EDGE, y + 5, 12, 2)
    pen.fillStyle = colourOf(element, '--muted')
    pen.fillText(name, EDGE + 20, y + 11)
  })
  pen.drawImage(lines, EDGE, top, lines.clientWidth, lines.clientHeight)
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'))
}
