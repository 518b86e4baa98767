// Owns what the status page is served with: its style, its few lines of script and its icon. Nothing comes from elsewhere.

export const STATUS_CSS = `:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #fff; --line: #e2e5ea; --text: #1b1f26; --quiet: #5f6876; --code: #eef1f5; --accent: #0b6e82;
  --good: #15803d; --busy: #0b6e82; --idle: #5f6876; --warn: #a15c00; --bad: #b91c1c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1318; --card: #171c23; --line: #29303a; --text: #e7eaee; --quiet: #98a2b0; --code: #0b0f13; --accent: #4cc3d9;
    --good: #4ade80; --busy: #4cc3d9; --idle: #98a2b0; --warn: #fbbf24; --bad: #f87171;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1.25rem 2rem; max-width: 58rem; background: var(--page); color: var(--text);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
header, .head, footer { display: flex; align-items: center; gap: .6rem; flex-wrap: wrap; }
header { margin-bottom: 1.25rem; }
h1 { font-size: 1.35rem; margin: 0; letter-spacing: -.01em; }
h2 { font-size: 1.05rem; margin: 0; overflow-wrap: anywhere; }
p { margin: 0; }
.mark { width: 1.9rem; height: 1.9rem; fill: none; stroke: var(--accent); stroke-width: 2.4; stroke-linecap: round; }
.project, .quiet, small, dt, thead th, footer { color: var(--quiet); }
.pill { margin-left: auto; padding: .1rem .7rem; border-radius: 1rem; border: 1px solid currentColor; font-size: .85rem;
  font-weight: 600; white-space: nowrap; }
.pill::before { content: ""; display: inline-block; width: .5rem; height: .5rem; margin-right: .45rem; border-radius: 50%;
  background: currentColor; }
.good { color: var(--good); } .busy { color: var(--busy); } .idle { color: var(--idle); }
.warn { color: var(--warn); } .bad { color: var(--bad); }
.card, .todo { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem 1.15rem;
  margin-bottom: 1rem; }
.todo { border-left: .3rem solid var(--warn); }
.todo ol { margin: .6rem 0 0; padding-left: 1.3rem; }
.todo li + li { margin-top: .8rem; }
.todo li p { overflow-wrap: anywhere; }
.empty { text-align: center; padding: 2.5rem 1rem; }
.empty p { margin: .6rem 0; }
.empty pre { display: inline-block; text-align: left; }
code { font: .87em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; }
pre { margin: .35rem 0 0; padding: .45rem .7rem; background: var(--code); border-radius: .45rem; max-width: 100%;
  white-space: pre-wrap; overflow-wrap: anywhere; user-select: all; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .5rem 1.25rem; margin: .8rem 0 0; }
dl div { min-width: 0; }
dt { font-size: .8rem; }
dd { margin: 0; font-variant-numeric: tabular-nums; }
table { width: 100%; margin-top: .9rem; border-collapse: collapse; table-layout: fixed; font-variant-numeric: tabular-nums; }
th, td { padding: .4rem .8rem .4rem 0; text-align: left; vertical-align: top; border-top: 1px solid var(--line); font-weight: 400; }
thead th { border-top: 0; font-size: .8rem; padding-bottom: .2rem; }
thead th:nth-child(1) { width: 26%; } thead th:nth-child(2) { width: 16%; } thead th:nth-child(4) { width: 8rem; }
td:nth-child(3), th:nth-child(3) { padding-left: 1.2rem; }
tbody th { font-weight: 600; overflow-wrap: anywhere; }
th:last-child, td:last-child { padding-right: 0; white-space: nowrap; }
.n { text-align: right; }
.word { font-weight: 600; }
small { display: block; font-size: .82rem; overflow-wrap: anywhere; }
a { color: var(--accent); }
footer { justify-content: space-between; margin-top: 1.5rem; font-size: .85rem; }
.gone { display: none; }
.is-gone .gone { display: block; margin-bottom: 1rem; padding: .6rem 1rem; border-radius: .5rem; background: var(--bad); color: var(--page); }
@media (max-width: 34rem) {
  body { padding: 1rem .85rem 1.5rem; }
  .card, .todo { padding: .85rem .9rem; }
  .card dl { grid-template-columns: auto auto auto; gap: .5rem .8rem; }
  thead { display: none; }
  table, tbody { display: block; }
  tr { display: grid; grid-template-columns: 1fr auto; gap: 0 .8rem; padding: .5rem 0; border-top: 1px solid var(--line); }
  tbody th, td { border: 0; padding: .1rem 0; }
  td:nth-child(3) { grid-row: 2; padding-left: 0; }
}
`

/** Looks every ten seconds, unless nobody looks or something is being selected. Reloading keeps the place on the page. */
export const STATUS_JS = `const EVERY_MS = 10000
async function look() {
  if (document.hidden || String(getSelection()) !== '') return
  try {
    const answer = await fetch('/healthz', { cache: 'no-store' })
    if (answer.ok) return location.reload()
  } catch {}
  document.documentElement.classList.add('is-gone')
}
setInterval(look, EVERY_MS)
document.addEventListener('visibilitychange', look)
`

export const ICON_SVG = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke="#0b8ba3" stroke-width="3" stroke-linecap="round"><path d="M3 13c4 0 4-4 8.5-4s4.5 4 9 4 4.5-4 8.5-4"/><path d="M3 22c4 0 4-4 8.5-4s4.5 4 9 4 4.5-4 8.5-4"/></svg>
`
