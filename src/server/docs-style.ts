// Owns the style of the readable page of the API. Nothing comes from elsewhere.

export const DOCS_CSS = `:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #fff; --line: #e2e5ea; --text: #1b1f26; --quiet: #5f6876; --code: #eef1f5; --accent: #0b6e82;
  --idle: #5f6876;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1318; --card: #171c23; --line: #29303a; --text: #e7eaee; --quiet: #98a2b0; --code: #0b0f13; --accent: #4cc3d9;
    --idle: #98a2b0;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1.25rem 2rem; max-width: 58rem; background: var(--page); color: var(--text);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
header, .head { display: flex; align-items: center; gap: .6rem; flex-wrap: wrap; }
header { margin-bottom: 1.25rem; }
h1 { font-size: 1.35rem; margin: 0; letter-spacing: -.01em; }
h2 { font-size: 1.05rem; margin: 0; overflow-wrap: anywhere; }
p { margin: 0; }
.quiet, small, thead th { color: var(--quiet); }
.pill { margin-left: auto; padding: .1rem .7rem; border-radius: 1rem; border: 1px solid currentColor; font-size: .85rem;
  font-weight: 600; white-space: nowrap; }
.pill::before { content: ""; display: inline-block; width: .5rem; height: .5rem; margin-right: .45rem; border-radius: 50%;
  background: currentColor; }
.idle { color: var(--idle); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem 1.15rem;
  margin-bottom: 1rem; }
code { font: .87em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; }
pre { margin: .35rem 0 0; padding: .45rem .7rem; background: var(--code); border-radius: .45rem; max-width: 100%;
  white-space: pre-wrap; overflow-wrap: anywhere; user-select: all; }
table { width: 100%; margin-top: .9rem; border-collapse: collapse; table-layout: fixed; font-variant-numeric: tabular-nums; }
th, td { padding: .4rem .8rem .4rem 0; text-align: left; vertical-align: top; border-top: 1px solid var(--line); font-weight: 400; }
thead th { border-top: 0; font-size: .8rem; padding-bottom: .2rem; }
thead th:nth-child(1) { width: 26%; } thead th:nth-child(2) { width: 16%; } thead th:nth-child(4) { width: 8rem; }
td:nth-child(3), th:nth-child(3) { padding-left: 1.2rem; }
tbody th { font-weight: 600; overflow-wrap: anywhere; }
th:last-child, td:last-child { padding-right: 0; white-space: nowrap; }
.n { text-align: right; }
small { display: block; font-size: .82rem; overflow-wrap: anywhere; }
a { color: var(--accent); }
@media (max-width: 34rem) {
  body { padding: 1rem .85rem 1.5rem; }
  .card { padding: .85rem .9rem; }
  thead { display: none; }
  table, tbody { display: block; }
  tr { display: grid; grid-template-columns: 1fr auto; gap: 0 .8rem; padding: .5rem 0; border-top: 1px solid var(--line); }
  tbody th, td { border: 0; padding: .1rem 0; }
  td:nth-child(3) { grid-row: 2; padding-left: 0; }
}
`
