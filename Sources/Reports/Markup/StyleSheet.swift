/// The look of every report: light, dark and on paper, from telephones to desks. Nothing is loaded from anywhere.
enum StyleSheet {
  private static let light = """
    --bg: #ffffff; --card: #f5f7fa; --ink: #1a2028; --muted: #525c68; --rule: #d3d9e0; --grid: #e4e8ed; --proved: #1460aa;
    --unproved: #8a5200; --attained: #b3261e; --lower: #0b7a66; --band: #1460aa26; --code: #eceff3; --violet: #7a3fb0; --idle: #b9c1cb;
    """
  private static let dark = """
    --bg: #10151b; --card: #19212a; --ink: #e6ebf1; --muted: #a4b0bd; --rule: #364250; --grid: #26303b; --proved: #68b1fa;
    --unproved: #e9b44c; --attained: #ff9389; --lower: #4fd1b5; --band: #68b1fa30; --code: #232d38; --violet: #c79bf2; --idle: #4b5866;
    """

  /// Steps of a tenth from empty to full.
  private static let heat = (0...10).map { "svg .heat-\($0) { fill-opacity: \(Double($0) / 10); }" }.joined(separator: " ")

  static let text = """
    :root { \(light) color-scheme: light dark; }
    @media screen and (prefers-color-scheme: dark) { :root { \(dark) } }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--bg); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans",
      "DejaVu Sans", sans-serif; }
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
    .verdict + p, .verdict + ul { margin-top: 18px; } table + figure { margin-top: 32px; }
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
    .pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 308px), 1fr)); gap: 20px 28px; margin-top: 18px; }
    .pictures figure { margin: 0; background: var(--card); border-radius: 8px; padding: 12px 14px; }
    .pictures .strip { display: grid; grid-template-columns: repeat(3, 1fr); gap: 8px; font-size: 0.8rem; color: var(--muted); }
    .pictures img { display: block; width: 100%; height: auto; image-rendering: pixelated; border-radius: 4px; margin-bottom: 3px; }
    .pictures figcaption { color: var(--ink); }
    caption { caption-side: bottom; text-align: left; color: var(--muted); padding-top: 10px; max-width: 80ch; }
    .provenance th { color: var(--muted); width: 11rem; }
    figure { margin: 0 0 36px; break-inside: avoid; }
    figcaption { color: var(--muted); font-size: 0.9rem; max-width: 76ch; margin-top: 8px; }
    svg { display: block; max-width: 100%; height: auto; font-size: 13px; font-family: inherit; }
    svg.narrow { display: none; }
    svg text { fill: var(--ink); } svg .tick, svg .axis-title { fill: var(--muted); font-size: 12px; }
    svg .value { font-weight: 600; font-variant-numeric: tabular-nums; }
    svg .halo { paint-order: stroke; stroke: var(--bg); stroke-width: 4px; stroke-linejoin: round; }
    svg .grid { stroke: var(--grid); } svg .axis { stroke: var(--muted); }
    svg .proved { fill: var(--proved); }
    svg .unproved { fill: none; stroke: var(--unproved); stroke-width: 1.6; stroke-dasharray: 4 3; }
    svg .attained { stroke: var(--attained); stroke-width: 1.8; stroke-dasharray: 6 4; } svg .attained-text { fill: var(--attained); }
    svg .attack-line { fill: none; stroke: var(--attained); stroke-width: 1.8; stroke-dasharray: 6 4; }
    svg .histogram-sample { stroke: var(--proved); stroke-width: 9; } svg .scatter-dot { fill: var(--proved); fill-opacity: 0.6; }
    svg .band { fill: var(--band); }
    svg .upper-line, svg .lower-line { fill: none; stroke-width: 2; stroke-linejoin: round; }
    svg .upper-line { stroke: var(--proved); } svg .upper-dot, svg .upper-text { fill: var(--proved); }
    svg .lower-line { stroke: var(--lower); } svg .lower-dot, svg .lower-text { fill: var(--lower); }
    svg .stem { stroke: var(--proved); stroke-width: 2; } svg .estimate-dot { fill: var(--bg); stroke: var(--proved); stroke-width: 2; }
    svg .whisker { stroke: var(--muted); stroke-width: 1.4; } svg .box { fill: var(--band); stroke: var(--proved); stroke-width: 1.2; }
    svg .range { stroke: var(--rule); stroke-width: 1; }
    svg .mark-1 { fill: var(--proved); stroke: var(--proved); } svg .mark-2 { fill: var(--lower); stroke: var(--lower); }
    svg .mark-3 { fill: var(--unproved); stroke: var(--unproved); } svg .mark-4 { fill: var(--attained); stroke: var(--attained); }
    svg .mark-1, svg .mark-2, svg .mark-3, svg .mark-4 { stroke-width: 1.5; } svg .hollow { fill: var(--bg); }
    svg .frontier { fill: none; stroke: var(--proved); stroke-width: 1.6; stroke-opacity: 0.55; }
    svg .dotted { stroke-dasharray: 1.5 4; stroke-linecap: round; }
    svg [class^="course-"] { stroke-width: 2; stroke-linejoin: round; }
    svg .dashed { stroke-dasharray: 6 4; stroke-opacity: 0.75; }
    svg .heat { fill: var(--proved); } \(heat)
    svg .cell { fill: none; stroke: var(--rule); } svg .absent { fill: var(--grid); } svg .on-dark { fill: var(--bg); }
    svg .course-1-line { fill: none; stroke: var(--proved); } svg .course-1-dot, svg .course-1-text { fill: var(--proved); }
    svg .course-2-line { fill: none; stroke: var(--lower); } svg .course-2-dot, svg .course-2-text { fill: var(--lower); }
    svg .course-3-line { fill: none; stroke: var(--violet); } svg .course-3-dot, svg .course-3-text { fill: var(--violet); }
    svg .course-4-line { fill: none; stroke: var(--unproved); } svg .course-4-dot, svg .course-4-text { fill: var(--unproved); }
    svg .course-5-line { fill: none; stroke: var(--ink); } svg .course-5-dot, svg .course-5-text { fill: var(--ink); }
    svg .course-6-line { fill: none; stroke: var(--muted); } svg .course-6-dot, svg .course-6-text { fill: var(--muted); }
    svg .share-1 { fill: var(--proved); } svg .share-2 { fill: var(--lower); } svg .share-3 { fill: var(--idle); }
    svg .median { stroke: var(--proved); stroke-width: 3; }
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
      details { border: 0; padding: 0; }
      table { font-size: 8pt; } th, td { padding: 4px 5px; } h2 { break-after: avoid; } tr { break-inside: avoid; }
      body, .verdict, .best, svg, pre { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
    }
    """
}
