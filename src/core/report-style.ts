/** The style sheet of a report. Colours are chosen to differ for colour-blind readers too, and to carry on both grounds. */
export const reportStyle = `
:root {
  color-scheme: light dark;
  --ground: #fcfcfb; --panel: #ffffff; --ink: #1b1d21; --soft: #5f6570; --line: #e3e5e8; --faint: #f3f4f5;
  --c0: #1f6fb8; --c1: #c9560c; --c2: #0f8065; --c3: #a13a86; --c4: #8a6a00; --c5: #5a55c8;
  --good: #0f7a55; --good-ground: #e8f5ef; --bad: #b3261e; --bad-ground: #fbecea; --waste: #96600a; --waste-ground: #fbf3e2;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #131518; --panel: #1a1d21; --ink: #e6e8eb; --soft: #9aa1ab; --line: #2d3238; --faint: #20242a;
    --c0: #6cb2f2; --c1: #f19457; --c2: #4cc2a0; --c3: #df86c8; --c4: #d6b24a; --c5: #a29df5;
    --good: #5fd0a2; --good-ground: #14291f; --bad: #ff9a8f; --bad-ground: #331a18; --waste: #e8b965; --waste-ground: #2d2412;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 54rem; margin: 0 auto; padding: 3rem 1.25rem 4rem; }
h1 { font-size: clamp(1.5rem, 5vw, 2.1rem); line-height: 1.2; letter-spacing: -0.015em; margin: 0 0 0.75rem; text-wrap: balance; }
h2 { font-size: 1.15rem; line-height: 1.3; margin: 0 0 0.75rem; }
p { margin: 0 0 0.75rem; max-width: 42rem; overflow-wrap: anywhere; }
.lead { font-size: 1.1rem; color: var(--soft); white-space: pre-line; }
section { margin-top: 2.25rem; }
.note { font-size: 0.875rem; color: var(--soft); margin: 0.6rem 0 0; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(10.5rem, 1fr)); gap: 0.75rem; margin: 0; }
.cards > div { background: var(--panel); border: 1px solid var(--line); border-radius: 10px; padding: 0.8rem 1rem; min-width: 0; }
dt { font-size: 0.85rem; color: var(--soft); }
dd { margin: 0; }
dd strong { display: block; font-size: 1.6rem; font-weight: 650; letter-spacing: -0.01em; line-height: 1.3; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
dd .word { font-size: 1.15rem; line-height: 1.85; }
dd small { font-size: 0.95rem; font-weight: 500; color: var(--soft); }
.interval { display: block; font-size: 0.8rem; color: var(--soft); font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 10px; background: var(--panel); }
table { border-collapse: collapse; width: 100%; font-size: 0.92rem; }
th, td { text-align: left; padding: 0.5rem 0.9rem; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { font-weight: 600; color: var(--soft); font-size: 0.82rem; white-space: nowrap; }
tbody tr:last-child > * { border-bottom: 0; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
figure { margin: 0; background: var(--panel); border: 1px solid var(--line); border-radius: 10px; padding: 1rem; }
svg { display: block; width: 100%; height: auto; overflow: visible; }
svg text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: var(--soft); font-variant-numeric: tabular-nums; }
svg .strong { fill: var(--ink); paint-order: stroke; stroke: var(--panel); stroke-width: 4px; stroke-linejoin: round; }
svg .grid { stroke: var(--line); stroke-width: 1; }
svg .zero { stroke: var(--soft); stroke-width: 1; }
.narrow { display: none; }
.legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1.1rem; margin: 0 0 0.6rem; padding: 0; list-style: none; font-size: 0.85rem; }
.legend i { display: inline-block; width: 0.7rem; height: 0.7rem; border-radius: 3px; margin-right: 0.4rem; }
pre { margin: 0; padding: 0.9rem 1rem; background: var(--faint); border: 1px solid var(--line); border-radius: 10px; overflow-x: auto; font: 0.85rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.pieces { border: 1px solid var(--line); border-radius: 10px; overflow: hidden; background: var(--panel); }
.piece { padding: 0.55rem 1rem; border-left: 4px solid var(--line); font: 0.88rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.piece + .piece { border-top: 1px solid var(--line); }
.words { white-space: pre-wrap; overflow-wrap: anywhere; }
.label { display: block; font: 600 0.75rem system-ui, sans-serif; color: var(--soft); }
.good { border-left-color: var(--good); background: var(--good-ground); } .good .label { color: var(--good); }
.bad { border-left-color: var(--bad); background: var(--bad-ground); } .bad .label { color: var(--bad); }
.waste { border-left-color: var(--waste); background: var(--waste-ground); } .waste .label { color: var(--waste); }
.dim .words { color: var(--soft); }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); font-size: 0.85rem; color: var(--soft); }
summary { cursor: pointer; }
footer th { font-weight: 500; white-space: nowrap; padding-left: 0; } footer td { overflow-wrap: anywhere; color: var(--ink); }
footer table { margin-top: 0.5rem; font-size: 0.85rem; }
@media (max-width: 600px) {
  main { padding: 1.75rem 1rem 3rem; }
  .cards { grid-template-columns: repeat(2, 1fr); gap: 0.5rem; }
  .cards > div { padding: 0.65rem 0.75rem; } dd strong { font-size: 1.3rem; } dd .word { font-size: 1.05rem; line-height: 1.6; }
  figure { padding: 0.75rem 0.6rem; } .wide { display: none; } .narrow { display: block; }
  th, td { padding: 0.45rem 0.65rem; }
}
@media print { main { max-width: none; padding: 0; } section { break-inside: avoid; } }
`;
