/// How one axis of a strided, dilated, padded convolution becomes sums of shifted rows.
///
/// With stride s, position p = y s + k d − pad splits by p + pad = s u + a into a *phase* a and a place u on that phase's grid, where tap k
/// reads place y + ⌊k d / s⌋ of phase k d mod s: a stride-1 convolution with a shift. The forward direction has several source phases and one
/// target, the adjoint one source and several targets.
struct ConvolutionAxis {
  /// The positions first, first + step, ... (`count` of them) of a tensor axis, at places origin, origin + 1, ... of a grid.
  struct Phase {
    var first: Int
    var step: Int
    var count: Int
    var origin: Int
  }

  /// Kernel position `kernel` adds source place v + offset to target place v.
  struct Tap {
    var kernel: Int
    var source: Int
    var target: Int
    var offset: Int
  }

  var sources: [Phase]
  var targets: [Phase]
  var taps: [Tap]
  /// Grid length of a row: enough for its elements, and so that a read past its end lands on zeros at the start of the next row.
  var pitch = 0

  /// The axis of A (or of Aᵀ when `adjoint`) for input length n, output length m, and kernel, stride, dilation, leading pad.
  init(adjoint: Bool, input n: Int, output m: Int, kernel: Int, stride s: Int, dilation d: Int, pad p: Int) {
    let phases = (0..<s).map { a -> Phase in
      let origin = max(0, (p - a + s - 1) / s)
      let first = origin * s + a - p
      return Phase(first: first, step: s, count: first < n ? (n - first + s - 1) / s : 0, origin: origin)
    }

    if adjoint {
      // Output place y = u − ⌊k d / s⌋ with u = v + origin of the target phase; `lead` zeros keep every offset non-negative.
      let shifts = (0..<kernel).map { phases[$0 * d % s].origin - $0 * d / s }
      let lead = max(0, -(shifts.min() ?? 0))
      sources = [Phase(first: 0, step: 1, count: m, origin: lead)]
      targets = phases
      taps = (0..<kernel).map { Tap(kernel: $0, source: 0, target: $0 * d % s, offset: shifts[$0] + lead) }
    } else {
      sources = phases
      targets = [Phase(first: 0, step: 1, count: m, origin: 0)]
      taps = (0..<kernel).map { Tap(kernel: $0, source: $0 * d % s, target: 0, offset: $0 * d / s) }
    }
    // Drop phases nobody reads, then cut sources at the last place anybody reads.
    let used = Set(taps.map(\.source)).sorted()
    for i in taps.indices { taps[i].source = used.firstIndex(of: taps[i].source) ?? 0 }
    sources = used.map { sources[$0] }
    let reach = taps.map { $0.offset + targets[$0.target].count }.max() ?? 0
    for i in sources.indices { sources[i].count = max(0, min(sources[i].count, reach - sources[i].origin)) }
    let filled = sources.filter { $0.count > 0 }
    let end = filled.map { $0.origin + $0.count }.max() ?? 0
    let zeros = filled.map(\.origin).min() ?? 0
    pitch = max(1, targets.map(\.count).max() ?? 0, end, reach - zeros)
  }
}
