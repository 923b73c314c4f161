import LinearAlgebra

extension GainProgram {
  /// The program of a chain.
  ///
  /// Consecutive dense layers share one inequality without gains between them, up to an order: eliminating such a gain changes nothing.
  ///
  /// - Throws: ``NotProved`` when the layers do not fit each other or a combination has no inequality here.
  public init(_ chain: GainChain, largestOrder: Int = 1100) throws {
    var builder = GainProgramBuilder(largestOrder: largestOrder)
    try builder.build(chain)
    self = builder.program
  }
}

/// Turns the layers of a ``GainChain`` into inequalities.
struct GainProgramBuilder {
  var program = GainProgram()
  let largestOrder: Int
  /// The units of the inequality in the making.
  private var pendingUnits: [GainProgram.Elimination] = []

  /// What is known of a gain's form: which maps it survives.
  private enum Structure: Equatable {
    case symmetric
    case diagonal
    case groups(Int)
    case multiple
  }

  /// A tensor: its gain and how its channels are ordered.
  private struct Tensor {
    var gain: Gain
    var structure: Structure
    var variables: [Int]
    /// After a flattening the channels and pixels of the image before it; the gain counts pixel by pixel.
    var flattened: (channels: Int, pixels: Int)?
  }

  init(largestOrder: Int) { self.largestOrder = largestOrder }

  mutating func build(_ chain: GainChain) throws {
    guard chain.inputChannels > 0, chain.inputChannels < NumberRange.largestOrder else { throw NotProved("a chain needs an input") }
    var channels = chain.inputChannels
    for (k, layer) in chain.layers.enumerated() {
      guard let next = layer.outputChannels(channels), next < NumberRange.largestOrder else {
        throw NotProved("layer \(k + 1) does not take \(channels) channels")
      }
      channels = next
    }
    let rho = program.add(.multiple(chain.inputChannels))
    let input = Tensor(gain: Gain(variable: rho, count: chain.inputChannels), structure: .multiple, variables: [rho])
    _ = try process(chain.layers, input, target: Gain(variable: nil, count: channels))
  }

  // MARK: - Series

  /// Adds the inequalities of layers one after the other.
  ///
  /// - Parameter target: the gain of the last output; `nil` inside a branch, where it is a new variable.
  private mutating func process(_ layers: [GainLayer], _ input: Tensor, target: Gain?) throws -> Tensor {
    var current = input
    var index = 0
    var isFinished = false
    while index < layers.count {
      switch layers[index] {
      case .averagePool(let squaredNorm):
        guard squaredNorm > 0 else { throw NotProved("a layer is zero") }
        current.gain = current.gain.divided(by: squaredNorm)
        index += 1
      case .maxPool(let overlap):
        guard current.structure != .symmetric, current.flattened == nil else { throw NotProved("a maximum needs a diagonal gain") }
        current.gain = current.gain.divided(by: Double(overlap))
        index += 1
      case .flatten(let pixels):
        guard current.flattened == nil else { throw NotProved("a flattened tensor is flattened again") }
        current.flattened = (current.gain.count, pixels)
        current.gain = current.gain.repeated(pixels)
        index += 1
      case .groupSort(let size):
        guard current.flattened == nil, current.structure == .multiple || current.structure == .groups(size) else {
          throw NotProved("a sorting of channels needs a gain of its own form")
        }
        index += 1
      default:
        let count = runLength(layers[index...], current.gain.count)
        let run = Array(layers[index..<index + count])
        index += count
        let channels = run.reduce(current.gain.count) { $1.outputChannels($0) ?? 0 }
        let isLast = index == layers.count && target != nil
        let first = program.inequalities.count
        let before = program.variables.count
        let output = isLast ? nil : link(before: layers[index...], channels: channels)
        let linkEnd = program.variables.count
        try add(run, current, output: output?.gain ?? target ?? Gain(variable: nil, count: channels))
        if target != nil {
          program.stages.append(
            .init(
              inputs: current.variables, outputs: Array(before..<linkEnd), interior: Array(linkEnd..<program.variables.count),
              inequalities: first..<program.inequalities.count))
        }
        isFinished = isLast
        if let output { current = output }
      }
    }
    if let target, !isFinished {
      // The chain ends with layers that have no inequality of their own.
      let form = GainProgram.Form(column: 0, count: target.count)
      let first = program.inequalities.count
      inequality("output", order: target.count, current.gain.terms(on: form, sign: 1) + target.terms(on: form, sign: -1))
      program.stages.append(.init(inputs: current.variables, inequalities: first..<first + 1))
    }
    return current
  }

  /// How many of the first layers share an inequality.
  private func runLength(_ layers: ArraySlice<GainLayer>, _ channels: Int) -> Int {
    var (order, count) = (channels, 0)
    for layer in layers {
      let isOpen: Bool
      switch layer {
      case .dense(let weight, let sectors):
        order += weight.rows
        isOpen = sectors != nil
      case .residual(_, let inner, _, let outer, let sectors):
        order += inner.rows + outer.rows
        isOpen = sectors != nil
      default: return max(count, 1)
      }
      if count > 0, order > largestOrder { return count }
      count += 1
      if !isOpen { return count }
    }
    return count
  }

  /// New variables for the gain of a tensor that the given layers take.
  private mutating func link(before layers: ArraySlice<GainLayer>, channels: Int) -> Tensor {
    var (needsDiagonal, size): (Bool, Int?) = (false, nil)
    loop: for layer in layers {
      switch layer {
      case .averagePool: continue
      case .flatten: break loop
      case .maxPool: needsDiagonal = true
      case .groupSort(let own): size = own
      default: break loop
      }
    }
    let first = program.variables.count
    var gain: Gain
    if let size {
      let identity = program.add(.diagonal(channels / size))
      let ones = needsDiagonal ? nil : program.add(.diagonal(channels / size))
      gain = Gain(groups: channels / size, size: size, identity: identity, ones: ones ?? identity)
      if ones == nil { gain.parts.removeLast(size * size) }
    } else {
      gain = Gain(variable: program.add(needsDiagonal ? .diagonal(channels) : .symmetric(channels)), count: channels)
    }
    sideCondition("a gain", order: channels, gain.terms(on: .init(column: 0, count: channels), sign: 1))
    return Tensor(
      gain: gain, structure: size.map { .groups($0) } ?? (needsDiagonal ? .diagonal : .symmetric),
      variables: Array(first..<program.variables.count))
  }

  // MARK: - Layers

  private mutating func add(_ run: [GainLayer], _ input: Tensor, output: Gain) throws {
    switch run[0] {
    case .dense, .residual: try dense(run, input, output)
    case .convolution(let convolution, let sectors):
      guard input.flattened == nil else { throw NotProved("a convolution of a flattened tensor") }
      add(convolution, sectors, input.gain, output)
    case .sum(let branches, let sectors):
      guard input.flattened == nil else { throw NotProved("parallel layers of a flattened tensor") }
      try sum(branches, sectors, input, output)
    case .stateSpace(let a, let b, let c, let d, let sectors):
      guard input.flattened == nil else { throw NotProved("a state-space layer of a flattened tensor") }
      stateSpace(a, b, c, d, sectors, input.gain, output)
    default: throw NotProved("a layer has no inequality")
    }
  }

  private mutating func inequality(
    _ name: String, order: Int, _ terms: [GainProgram.Term], _ eliminations: [GainProgram.Elimination] = []
  ) {
    program.inequalities.append(
      .init(name: name, order: order, terms: terms, eliminations: pendingUnits.reversed() + eliminations))
    pendingUnits = []
  }

  private mutating func sideCondition(_ name: String, order: Int, _ terms: [GainProgram.Term]) {
    program.sideConditions.append(.init(name: name, order: order, terms: terms))
  }

  /// Σ τ (v² − (α + β) zv + αβ z²): non-positive for increments z, v of units and their inputs.
  private mutating func units(
    _ sectors: UnitSectors, input z: GainProgram.Form, output v: GainProgram.Form
  ) -> [GainProgram.Term] {
    let tau = program.add(.diagonal(sectors.count))
    pendingUnits.append(.units(variable: tau, columns: v.column..<v.column + v.count, sectors))
    let sums = zip(sectors.lower, sectors.upper).map { $0 + $1 }
    let products = zip(sectors.lower, sectors.upper).map { $0 * $1 }
    sideCondition(
      "multipliers", order: sectors.count,
      [.init(variable: tau, coefficient: 1, weights: nil, left: .init(column: 0, count: sectors.count), right: nil)])
    var terms = [GainProgram.Term(variable: tau, coefficient: 1, weights: nil, left: v, right: nil)]
    terms.append(.init(variable: tau, coefficient: -1, weights: sums.allSatisfy { $0 == 1 } ? nil : sums, left: z, right: v))
    if products.contains(where: { $0 != 0 }) {
      terms.append(.init(variable: tau, coefficient: 1, weights: products, left: z, right: nil))
    }
    return terms
  }

  /// The terms behind functionals z: an activation with its multipliers, or none, and the output's gain. Takes coordinates for the units.
  private mutating func close(
    _ terms: inout [GainProgram.Term], _ z: GainProgram.Form, _ sectors: UnitSectors?, _ output: Gain, order: inout Int
  ) {
    guard let sectors else {
      terms += output.terms(on: z, sign: -1)
      return
    }
    let v = GainProgram.Form(column: order, count: sectors.count)
    order += sectors.count
    terms += units(sectors, input: z, output: v)
    terms += output.terms(on: v, sign: -1)
  }

  private mutating func dense(_ run: [GainLayer], _ input: Tensor, _ output: Gain) throws {
    var order = input.gain.count
    var current = GainProgram.Form(column: 0, count: order)
    var terms = input.gain.terms(on: current, sign: 1)
    var flattened = input.flattened
    for (k, layer) in run.enumerated() {
      let isLast = k == run.count - 1
      let z: GainProgram.Form
      let sectors: UnitSectors?
      switch layer {
      case .dense(let weight, let own):
        z = .init(column: current.column, flattened.map { Self.pixelwise(weight, channels: $0.channels, pixels: $0.pixels) } ?? weight)
        sectors = own
      case .residual(let skip, let inner, let innerSectors, let outer, let own):
        guard flattened == nil else { throw NotProved("a residual block of a flattened tensor") }
        let v = GainProgram.Form(column: order, count: inner.rows)
        order += inner.rows
        terms += units(innerSectors, input: .init(column: current.column, inner), output: v)
        z = .init(column: current.column, Self.beside(skip ?? .identity(current.count), outer))
        sectors = own
      default: throw NotProved("a run of dense layers holds another one")
      }
      flattened = nil
      if isLast {
        close(&terms, z, sectors, output, order: &order)
      } else if let sectors {
        current = .init(column: order, count: sectors.count)
        order += sectors.count
        terms += units(sectors, input: z, output: current)
      }
    }
    inequality("dense", order: order, terms)
  }

  private mutating func add(_ convolution: GainConvolution, _ sectors: UnitSectors?, _ input: Gain, _ output: Gain) {
    let (taps, oldest, phases) = convolution.polyphase
    let (rows, columns) = (taps.count - 1, taps[0].count - 1)
    let (c, pixel) = (convolution.outputChannels, phases * convolution.inputChannels)
    // Along the second axis x₂ stores the last blocks of pixels, oldest first; of the oldest only what the kernel sees.
    let seen = (0..<pixel).filter { oldest[$0 / convolution.inputChannels] == 0 }
    let stored = columns > 0 ? seen.count + (columns - 1) * pixel : 0
    let (firstStored, width) = (c * rows, stored + pixel)
    let u = firstStored + stored
    var order = u + pixel
    // The kernel's block row a over (x₂, u).
    func row(_ a: Int) -> Matrix<Double> {
      var result = Matrix<Double>(rows: c, columns: width)
      for o in 0..<c {
        var place = 0
        for b in 0...columns {
          for j in b == 0 && columns > 0 ? seen : Array(0..<pixel) {
            result[o, place] = taps[a][b][o, j]
            place += 1
          }
        }
      }
      return result
    }
    var terms: [GainProgram.Term] = []
    var eliminations: [GainProgram.Elimination] = []
    if rows > 0 {
      // Along the first axis x₁ holds partial sums: s_j⁺ = s_{j−1} + K_{j−1} (x₂, u).
      let p = program.add(.symmetric(c * rows))
      eliminations.append(.partialSums(variable: p, blocks: rows, channels: c))
      var next = Matrix<Double>(rows: c * rows, columns: c * rows + width)
      for j in 0..<rows {
        let own = row(j)
        for o in 0..<c {
          if j > 0 { next[j * c + o, (j - 1) * c + o] = 1 }
          for k in 0..<width { next[j * c + o, c * rows + k] = own[o, k] }
        }
      }
      terms.append(.init(variable: p, coefficient: 1, weights: nil, left: .init(column: 0, count: c * rows), right: nil))
      terms.append(.init(variable: p, coefficient: -1, weights: nil, left: .init(column: 0, next), right: nil))
    }
    if columns > 0 {
      let p = program.add(.symmetric(stored))
      eliminations.append(
        .pastInputs(
          variable: p, columns: firstStored..<u, blocks: [seen] + Array(repeating: Array(0..<pixel), count: columns - 1)))
      let now = GainProgram.Form(column: firstStored, count: stored)
      // The next block's element of every element of x₂.
      let window = GainProgram.Form(column: firstStored, count: width)
      let next = columns == 1 ? seen.map { stored + $0 } : seen.map { seen.count + $0 } + Array(seen.count + pixel..<width)
      terms.append(.init(variable: p, coefficient: 1, weights: nil, left: now, right: nil))
      terms.append(.init(variable: p, coefficient: -1, weights: nil, left: window.rows(next), right: nil))
    }
    terms += input.repeated(phases).terms(on: .init(column: u, count: pixel), sign: 1)
    let last = row(rows)
    let z: GainProgram.Form =
      rows > 0 ? .init(column: firstStored - c, Self.beside(.identity(c), last)) : .init(column: firstStored, last)
    close(&terms, z, sectors, output, order: &order)
    inequality("convolution", order: order, terms, eliminations)
  }

  private mutating func stateSpace(
    _ a: Matrix<Double>, _ b: Matrix<Double>, _ c: Matrix<Double>, _ d: Matrix<Double>, _ sectors: UnitSectors?, _ input: Gain,
    _ output: Gain
  ) {
    let (n, m) = (a.rows, b.columns)
    var order = n + m
    let p = program.add(.symmetric(n))
    let state = GainProgram.Form(column: 0, count: n)
    let storage = GainProgram.Term(variable: p, coefficient: 1, weights: nil, left: state, right: nil)
    sideCondition("a storage function", order: n, [storage])
    var terms = [
      storage, .init(variable: p, coefficient: -1, weights: nil, left: .init(column: 0, Self.beside(a, b)), right: nil),
    ]
    terms += input.terms(on: .init(column: n, count: m), sign: 1)
    close(&terms, .init(column: 0, Self.beside(c, d)), sectors, output, order: &order)
    inequality("state space", order: order, terms, [.state(variable: p, a: a)])
  }

  /// A fork u ↦ (u, …, u) with Σ G_b ≤ G, the branches, and the sum of their outputs with gains A_b.
  private mutating func sum(_ branches: [[GainLayer]], _ sectors: UnitSectors?, _ input: Tensor, _ output: Gain) throws {
    let forked = GainProgram.Form(column: 0, count: input.gain.count)
    var fork = input.gain.terms(on: forked, sign: 1)
    let starts = branches.map { link(before: $0[...], channels: input.gain.count) }
    for start in starts { fork += start.gain.terms(on: forked, sign: -1) }
    inequality("fork", order: input.gain.count, fork)
    var ends: [Gain] = []
    for (branch, start) in zip(branches, starts) {
      let end = try process(branch, start, target: nil)
      guard end.flattened == nil else { throw NotProved("a branch flattens its tensor") }
      ends.append(end.gain)
    }
    let n = output.count
    var order = n * branches.count
    var terms: [GainProgram.Term] = []
    var z = Matrix<Double>(rows: n, columns: order)
    for (b, gain) in ends.enumerated() {
      terms += gain.terms(on: .init(column: b * n, count: n), sign: 1)
      for i in 0..<n { z[i, b * n + i] = 1 }
    }
    close(&terms, .init(column: 0, z), sectors, output, order: &order)
    inequality("sum", order: order, terms)
  }

  // MARK: - Matrices

  /// [A B].
  private static func beside(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Matrix<Double> {
    Matrix(rows: a.rows, columns: a.columns + b.columns, elements: (0..<a.rows).flatMap { a.row($0) + b.row($0) })
  }

  /// The columns of a flattened image's weights, pixel by pixel instead of channel by channel.
  private static func pixelwise(_ weight: Matrix<Double>, channels: Int, pixels: Int) -> Matrix<Double> {
    var result = Matrix<Double>(rows: weight.rows, columns: weight.columns)
    for i in 0..<weight.rows {
      for c in 0..<channels { for p in 0..<pixels { result[i, p * channels + c] = weight[i, c * pixels + p] } }
    }
    return result
  }
}
