import LinearAlgebra

/// A linear map y(u) = Σ_d A_d x(s u + d) between feature maps on the whole of Z², s the stride.
///
/// Convolutions, average pooling, scales of channels and the identity are of this form, up to what happens at the border of an image.
public struct TranslationInvariantMap: Sendable {
  /// One summand.
  public struct Shift: Sendable {
    /// d.
    public var row: Int
    /// d.
    public var column: Int
    /// A_d, output channels × input channels.
    public var matrix: Matrix<Double>
    /// Bounds on the distance of the entries from the real numbers they stand for, or `nil` when they are exact.
    public var radius: Matrix<Double>?
  }

  /// s, for rows.
  public let rowStride: Int
  /// s, for columns.
  public let columnStride: Int
  /// The summands.
  public let shifts: [Shift]

  /// The identity on `channels` channels.
  static func identity(_ channels: Int) -> TranslationInvariantMap {
    .init(rowStride: 1, columnStride: 1, shifts: [.init(row: 0, column: 0, matrix: .identity(channels), radius: nil)])
  }

  /// A scale for every channel, or `nil` when it differs within a channel of `pixels` pixels.
  init?(_ map: DiagonalMap<Double>, pixels: Int) {
    guard pixels > 0, map.scale.count % pixels == 0 else { return nil }
    let isConstant = map.scale.indices.allSatisfy { i in
      i % pixels == 0 || (map.scale[i] == map.scale[i - 1] && map.radius.map { $0[i] == $0[i - 1] } ?? true)
    }
    guard isConstant else { return nil }
    let first = stride(from: 0, to: map.scale.count, by: pixels)
    (rowStride, columnStride) = (1, 1)
    shifts = [
      .init(
        row: 0, column: 0, matrix: .diagonal(first.map { map.scale[$0] }), radius: map.radius.map { r in .diagonal(first.map { r[$0] }) })
    ]
  }

  /// A convolution.
  init(_ map: ConvolutionMap<Double>) {
    let g = map.geometry
    let (inner, outer) = (g.inputChannels / g.groups, g.outputChannels / g.groups)
    (rowStride, columnStride) = (g.strideHeight, g.strideWidth)
    var shifts: [Shift] = []
    for i in 0..<g.kernelHeight {
      for j in 0..<g.kernelWidth {
        var matrix = Matrix<Double>(rows: g.outputChannels, columns: g.inputChannels)
        for o in 0..<g.outputChannels {
          for c in 0..<inner { matrix[o, o / outer * inner + c] = map.weight[o, (c * g.kernelHeight + i) * g.kernelWidth + j] }
        }
        shifts.append(.init(row: i * g.dilationHeight - g.padTop, column: j * g.dilationWidth - g.padLeft, matrix: matrix, radius: nil))
      }
    }
    self.shifts = shifts
  }

  /// A map of each channel for itself, given by its matrix, such as a round of a max pool; `nil` when some row differs from its translates.
  ///
  /// - Returns: the map and the shape of its result: the source's grid, or every second to fourth point of it.
  static func pointwise(_ rows: SparseRows<Double>, on source: FeatureMap) -> (map: TranslationInvariantMap, result: FeatureMap)? {
    guard rows.radii.isEmpty else { return nil }
    let outer = source.channels / source.inner
    for stride in 1...4 {
      let (height, width) = (source.height / stride, source.width / stride)
      guard height > 0, width > 0, (rows.starts.count - 1) % (outer * height * width) == 0 else { continue }
      let inner = (rows.starts.count - 1) / (outer * height * width)
      guard (1...16).contains(inner), let map = pointwise(rows, on: source, stride, height, width, inner) else { continue }
      let result = FeatureMap(
        channels: outer * inner, inner: inner, height: height, width: width, rowStep: source.rowStep * stride,
        columnStep: source.columnStep * stride)
      return (map, result)
    }
    return nil
  }

  private static func pointwise(
    _ rows: SparseRows<Double>, on source: FeatureMap, _ stride: Int, _ height: Int, _ width: Int, _ inner: Int
  ) -> TranslationInvariantMap? {
    struct Entry: Hashable {
      let row, column, channel: Int
      let value: Double
    }
    let outer = source.channels / source.inner
    var patterns = [[Entry]](repeating: [], count: inner)
    for index in 0..<rows.starts.count - 1 {
      let (j, point) = (index % inner, index / inner)
      let (x, y, c) = (point % width, point / width % height, point / width / height)
      var entries: [Entry] = []
      for k in rows.starts[index]..<rows.starts[index + 1] {
        let (i, place) = (rows.columns[k] % source.inner, rows.columns[k] / source.inner)
        guard place / source.width / source.height == c else { return nil }
        entries.append(
          Entry(
            row: place / source.width % source.height - stride * y, column: place % source.width - stride * x, channel: i,
            value: rows.values[k]))
      }
      if index < inner { patterns[j] = entries } else if patterns[j] != entries { return nil }
    }
    var shifts: [Shift] = []
    for (j, entries) in patterns.enumerated() {
      for entry in entries {
        var place = shifts.firstIndex { $0.row == entry.row && $0.column == entry.column } ?? shifts.count
        if place == shifts.count {
          shifts.append(
            .init(row: entry.row, column: entry.column, matrix: Matrix(rows: outer * inner, columns: source.channels), radius: nil))
          place = shifts.count - 1
        }
        // Two entries for one element would need a sum, which may round.
        guard shifts[place].matrix[j, entry.channel] == 0 else { return nil }
        for c in 0..<outer { shifts[place].matrix[c * inner + j, c * source.inner + entry.channel] = entry.value }
      }
    }
    return .init(rowStride: stride, columnStride: stride, shifts: shifts)
  }

  private init(rowStride: Int, columnStride: Int, shifts: [Shift]) {
    (self.rowStride, self.columnStride, self.shifts) = (rowStride, columnStride, shifts)
  }

  /// The rows and columns of x that the rows `0 ..< height` and columns `0 ..< width` of y read.
  func reads(height: Int, width: Int) -> (rows: ClosedRange<Int>, columns: ClosedRange<Int>) {
    let (rows, columns) = (shifts.map(\.row), shifts.map(\.column))
    let (top, bottom) = (rows.min() ?? 0, (height - 1) * rowStride + (rows.max() ?? 0))
    let (left, right) = (columns.min() ?? 0, (width - 1) * columnStride + (columns.max() ?? 0))
    return (top...max(top, bottom), left...max(left, right))
  }

  // MARK: - Frequency response

  /// The response at a frequency as a real matrix [[Re, −Im], [Im, Re]], entries with radii.
  ///
  /// The grids are split into phases: y has `rowPhases` × `columnPhases` points for each coarse step, x has that many times the stride. The
  /// coordinates are (part, phase row, phase column, channel). Phase a of y reads x at place aS + d = S′v + b, S′ the phases of x: phase b, v
  /// coarse steps away, which is a factor e^{iθv}.
  ///
  /// - Parameter factor: a number g that multiplies the response.
  func response(at frequency: Frequency, rowPhases: Int, columnPhases: Int, factor g: Double = 1) -> SparseRows<Double> {
    let (outputs, inputs) = (shifts.first?.matrix.rows ?? 0, shifts.first?.matrix.columns ?? 0)
    let (sourceRows, sourceColumns) = (rowPhases * rowStride, columnPhases * columnStride)
    let (m, n) = (rowPhases * columnPhases * outputs, sourceRows * sourceColumns * inputs)
    var real = Matrix<Double>(rows: m, columns: n)
    var imaginary = Matrix<Double>(rows: m, columns: n)
    var radius = (real: real, imaginary: imaginary)
    // A sum of at most `shifts.count` products, each with the product by g before.
    let gamma = ErrorBounds.gamma(shifts.count + 3)
    for a in 0..<rowPhases {
      for b in 0..<columnPhases {
        for shift in shifts {
          let (y, x) = (a * rowStride + shift.row, b * columnStride + shift.column)
          let (v, w) = (Self.floor(y, sourceRows), Self.floor(x, sourceColumns))
          let phase = (y - v * sourceRows) * sourceColumns + x - w * sourceColumns
          let twiddle = frequency.twiddle(row: v, column: w)
          // An exact zero stays one, so that real frequencies have real responses.
          let (hasReal, hasImaginary) = (twiddle.radius > 0 || twiddle.cosine != 0, twiddle.radius > 0 || twiddle.sine != 0)
          let relative = (twiddle.radius + gamma) * (1 + 0x1p-20)
          for o in 0..<outputs {
            let row = (a * columnPhases + b) * outputs + o
            for c in 0..<inputs {
              let value = shift.matrix[o, c] * g
              let own = shift.radius.map { $0[o, c] * g } ?? 0
              if value == 0 && own == 0 { continue }
              let column = phase * inputs + c
              // |cos| and |sin| are at most 1.
              let error = (value.magnitude * relative + own) * (1 + 0x1p-20) + 0x1p-1070
              if hasReal {
                real[row, column] += value * twiddle.cosine
                radius.real[row, column] += error
              }
              if hasImaginary {
                imaginary[row, column] += value * twiddle.sine
                radius.imaginary[row, column] += error
              }
            }
          }
        }
      }
    }
    return Self.embedded(real, imaginary, radius.real, radius.imaginary)
  }

  /// [[Re, −Im], [Im, Re]] without entries that are exactly zero.
  private static func embedded(
    _ real: Matrix<Double>, _ imaginary: Matrix<Double>, _ realRadius: Matrix<Double>, _ imaginaryRadius: Matrix<Double>
  ) -> SparseRows<Double> {
    var result = SparseRows<Double>(columnCount: 2 * real.columns, starts: [0], columns: [], values: [], radii: [])
    let n = real.columns
    for part in 0..<2 {
      for i in 0..<real.rows {
        for other in 0..<2 {
          let (values, radii) = part == other ? (real, realRadius) : (imaginary, imaginaryRadius)
          let sign = part == 0 && other == 1 ? -1.0 : 1.0
          for j in 0..<n where radii[i, j] != 0 || values[i, j] != 0 {
            result.columns.append(other * n + j)
            result.values.append(sign * values[i, j])
            // The radius is a sum of a few positive terms, and every real number in question is a little underflow away.
            result.radii.append((radii[i, j] * (1 + 0x1p-20)).nextUp + 0x1p-900)
          }
        }
        result.starts.append(result.columns.count)
      }
    }
    return result
  }

  private static func floor(_ a: Int, _ b: Int) -> Int { a >= 0 ? a / b : -((b - 1 - a) / b) }
}
