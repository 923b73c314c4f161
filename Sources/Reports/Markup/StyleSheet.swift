/// The look of every report: light, dark and on paper, from telephones to desks. Nothing is loaded from anywhere.
enum StyleSheet {
  static let text = """
    :root { \(Palette.declarations(.light)) color-scheme: light dark; }
    @media screen and (prefers-color-scheme: dark) { :root { \(Palette.declarations(.dark)) } }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--bg); color: var(--ink); font: 16px/1.55 \(DrawingStyle.fonts); }
    main { max-width: 1080px; margin: 0 auto; padding: 28px 24px 56px; }
    h1 { font-size: 1.15rem; font-weight: 600; color: var(--muted); margin: 0 0 14px; overflow-wrap: anywhere; }
    h2 { font-size: 1.25rem; margin: 40px 0 12px; }
    h3 { font-size: 1.02rem; margin: 0 0 10px; }
    p, ul { margin: 0 0 12px; max-width: 76ch; overflow-wrap: anywhere; }
    ul { padding-left: 22px; } li { margin: 4px 0; }
    code, pre { font: 0.92em/1.5 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
    pre { background: var(--code); padding: 10px 14px; border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; margin: 0 0 12px; }
    .verdict { background: var(--card); border-left: 6px solid var(--proved); border-radius: 6px; padding: 18px 22px; }
    .verdict.open { border-left-color: var(--unproved); }
    .verdict .headline { font-size: 1.6rem; line-height: 1.25; font-weight: 700; margin: 0 0 10px; }
    .verdict p:last-child { margin: 0; }
    .columns { display: grid; grid-template-columns: 1fr 1fr; gap: 0 36px; }
    .columns h2 { margin-top: 28px; }
    table { border-collapse: collapse; width: 100%; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
    th, td { text-align: left; vertical-align: top; padding: 7px 10px; border-bottom: 1px solid var(--rule); overflow-wrap: anywhere; }
    th:first-child, td:first-child { padding-left: 0; }
    thead th { color: var(--muted); font-weight: 600; overflow-wrap: normal; }
    tbody th { font-weight: 600; white-space: nowrap; }
    .number { text-align: right; white-space: nowrap; }
    .yes { color: var(--proved); font-weight: 600; } .no { color: var(--unproved); font-weight: 600; }
    .methods { font-size: 0.86rem; }
    .methods th, .methods td { border-bottom: 0; padding: 6px 9px; overflow-wrap: normal; }
    .methods tbody { border-top: 1px solid var(--rule); }
    .methods td.note { color: var(--muted); padding-top: 0; overflow-wrap: anywhere; }
    .methods tbody.best { background: var(--card); }
    .methods th:first-child, .methods td.note { padding-left: 9px; }
    .methods td.own { font-weight: 600; } .methods td.status { white-space: nowrap; }
    .methods tbody.muted th, .methods tbody.muted td { color: var(--muted); font-weight: 400; }
    .methods tbody.muted th { font-weight: 600; } .methods tbody.muted td.note { font-style: italic; }
    .methods small { display: block; color: var(--muted); font-size: 0.92em; font-weight: 400; }
    .verdict + p, .verdict + ul { margin-top: 18px; } table + figure, .scroll + figure, .scroll + .scroll { margin-top: 32px; }
    .scroll { overflow-x: auto; } .scroll:focus-visible { outline: 2px solid var(--proved); outline-offset: 4px; }
    .methods td.top { color: var(--proved); font-weight: 700; } .methods td.none { color: var(--muted); }
    .matrix { font-size: 0.8rem; } .matrix th, .matrix td { padding: 6px 5px; } .matrix th, .matrix td.number { white-space: normal; }
    a { color: var(--proved); }
    .reading { margin-top: 22px; } .reading p { margin-bottom: 8px; max-width: 92ch; }
    details { margin: 32px 0 8px; border: 1px solid var(--rule); border-radius: 6px; padding: 12px 18px; }
    summary { font-weight: 600; cursor: pointer; }
    dl { margin: 12px 0 0; } dt { font-weight: 600; margin-top: 10px; } dd { margin: 2px 0 0; max-width: 84ch; overflow-wrap: anywhere; }
    cite { color: var(--muted); font-style: normal; display: block; font-size: 0.9rem; }
    .gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 340px), 1fr)); gap: 8px 40px; }
    .gallery figure { margin-bottom: 20px; } .gallery svg { width: 100%; }
    caption { caption-side: bottom; text-align: left; color: var(--muted); padding-top: 10px; max-width: 80ch; }
    .provenance th { color: var(--muted); width: 11rem; }
    figure { margin: 0 0 36px; break-inside: avoid; }
    figcaption { color: var(--muted); font-size: 0.9rem; max-width: 76ch; margin-top: 8px; }
    svg { display: block; max-width: 100%; height: auto; font-size: 13px; font-family: inherit; }
    svg.narrow { display: none; }
    \(DrawingStyle.page)
    footer { color: var(--muted); font-size: 0.85rem; margin-top: 28px; }
    @media screen and (max-width: 900px) {
      .methods thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
      .methods, .methods tbody, .methods tr, .methods th, .methods td, .methods caption { display: block; width: auto; }
      .methods tbody { border: 1px solid var(--rule); border-radius: 8px; padding: 10px 14px; margin: 0 0 12px; }
      .methods tbody th, .methods tbody td, .methods tbody th:first-child, .methods tbody td.note { padding: 2px 0; text-align: left; white-space: normal; }
      .methods tbody th { font-size: 1.05rem; }
      .methods td { display: grid; grid-template-columns: 8rem 1fr; }
      .methods caption { padding-bottom: 10px; }
      .methods td::before { content: attr(data-label); color: var(--muted); font-weight: 400; }
      .methods tbody td.blank { display: none; }
      .methods small { display: inline; }
    }
    @media (max-width: 780px) { svg.wide { display: none; } svg.narrow { display: block; } svg.narrow { width: 100%; max-width: 520px; } }
    @media screen and (max-width: 720px) {
      main { padding: 18px 16px 40px; }
      .columns { grid-template-columns: 1fr; }
      .verdict { padding: 14px 16px; } .verdict .headline { font-size: 1.3rem; }
      .provenance th { width: 7.5rem; }
    }
    @media print {
      @page { margin: 14mm; }
      body { font-size: 10.5pt; } main { max-width: none; padding: 0; }
      svg.wide { display: block; } svg.narrow { display: none; }
      details::details-content { content-visibility: visible; height: auto; } summary { list-style: none; }
      details { border: 0; padding: 0; } .scroll { overflow: visible; }
      table { font-size: 8pt; } th, td { padding: 4px 5px; } h2 { break-after: avoid; } tr { break-inside: avoid; }
      body, .verdict, .best, svg, pre { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
    }
    """
}
