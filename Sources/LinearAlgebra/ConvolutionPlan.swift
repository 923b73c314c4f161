/// One direction of a convolution as shifted products: the grids, the taps of every target phase and the loop over tasks.
///
/// A source channel is copied once into a zero-padded grid (one for each phase of the stride); after that every output element is a sum of
/// grid elements at fixed distances, which the kernel computes without forming an im2col matrix. Each output element is summed in the order
/// (source channel, kernel row, kernel column), so results depend neither on the batch nor on the number of threads.
struct ConvolutionPlan: Sendable {
  /// The kernel positions that reach one target phase, with their distances on a single-image source grid.
  private struct Target {
    var rows: ConvolutionAxis.Phase
    var columns: ConvolutionAxis.Phase
    var kernels: [Int]
    var planes: [Int]
    var shifts: [Int]
  }

  private let adjoint: Bool
  private let groups: Int
  private let kernelCount: Int
  /// Source and target channels of one group, and the sizes of one channel.
  private let sourceChannels: Int
  private let targetChannels: Int
  private let sourceSize: (height: Int, width: Int)
  private let targetSize: (height: Int, width: Int)
  private let rows: ConvolutionAxis
  private let columns: ConvolutionAxis
  private let targets: [Target]

  /// Plans the map itself or its adjoint.
  init(_ g: ConvolutionGeometry, adjoint: Bool) {
    self.adjoint = adjoint
    groups = g.groups
    kernelCount = g.kernelHeight * g.kernelWidth
    let (inner, outer) = (g.inputChannels / g.groups, g.outputChannels / g.groups)
    (sourceChannels, targetChannels) = adjoint ? (outer, inner) : (inner, outer)
    let (input, output) = ((height: g.inputHeight, width: g.inputWidth), (height: g.outputHeight, width: g.outputWidth))
    (sourceSize, targetSize) = adjoint ? (output, input) : (input, output)
    let rows = ConvolutionAxis(
      adjoint: adjoint, input: g.inputHeight, output: g.outputHeight, kernel: g.kernelHeight, stride: g.strideHeight,
      dilation: g.dilationHeight, pad: g.padTop)
    let columns = ConvolutionAxis(
      adjoint: adjoint, input: g.inputWidth, output: g.outputWidth, kernel: g.kernelWidth, stride: g.strideWidth,
      dilation: g.dilationWidth, pad: g.padLeft)
    targets = rows.targets.indices.flatMap { y in
      columns.targets.indices.map { x in
        var target = Target(rows: rows.targets[y], columns: columns.targets[x], kernels: [], planes: [], shifts: [])
        for tapY in rows.taps where tapY.target == y {
          for tapX in columns.taps where tapX.target == x {
            target.kernels.append(tapY.kernel * g.kernelWidth + tapX.kernel)
            target.planes.append(tapY.source * columns.sources.count + tapX.source)
            target.shifts.append(tapY.offset * columns.pitch + tapX.offset)
          }
        }
        return target
      }
    }
    .filter { $0.rows.count > 0 && $0.columns.count > 0 }
    self.rows = rows
    self.columns = columns
  }

  private var phases: Int { rows.sources.count * columns.sources.count }
  private var plane: Int { rows.pitch * columns.pitch }
  private var panels: Int { (targetChannels + Self.panel - 1) / Self.panel }
  /// Rows of a panel of packed weights; the C kernels rely on it.
  private static var panel: Int { 8 }
  /// Elements the kernel may touch past the end of a row: less than one vector.
  private static var slack: Int { 16 }
  /// Tasks worth having, and multiply-adds worth a thread.
  private static var tasks: Int { 16 }
  private static var grain: Int { 1 << 17 }

  /// Computes y = A x or y = Aᵀ x (or adds it) for `batch` flat vectors.
  func run<Element: Scalar>(
    weight: UnsafePointer<Element>, input: UnsafePointer<Element>, output: UnsafeMutablePointer<Element>, batch: Int, accumulating: Bool
  ) {
    guard batch > 0 else { return }
    let packed = targets.map { pack(weight, $0) }
    // Small images share one kernel call, so that its vectors are full.
    let images = min(batch, max(1, 128 / max(1, plane)))
    let blocks = (batch + images - 1) / images
    let work = batch * groups * targetChannels * targetSize.height * targetSize.width * sourceChannels * kernelCount
    let split = work < 2 * Self.grain ? 1 : max(1, Self.tasks / blocks)
    let pieces = min(split, groups > 1 ? groups : max(1, panels / 2))
    let (x, y) = (SharedInput(base: input), SharedBuffer(base: output))
    let body: @Sendable (Int) -> Void = { task in
      let (block, piece) = (task / pieces, task % pieces)
      let rows = block * images..<min(batch, (block + 1) * images)
      let cut = { (count: Int) in count * piece / pieces..<count * (piece + 1) / pieces }
      runTask(
        packed, x.base, y.base, images: rows, groups: groups > 1 ? cut(groups) : 0..<1, panels: groups > 1 ? 0..<panels : cut(panels),
        accumulating: accumulating)
    }
    if work < 2 * Self.grain {
      for task in 0..<blocks * pieces { body(task) }
    } else {
      ParallelFor.run(blocks * pieces, body)
    }
  }

  /// The weights of one target phase as the kernel wants them: for each group and panel of eight target channels, (source channel, tap, row).
  private func pack<Element: Scalar>(_ weight: UnsafePointer<Element>, _ target: Target) -> [Element] {
    let taps = target.kernels.count
    let depth = sourceChannels * taps * Self.panel
    let packPanel = Element.routines.packPanel
    let across = kernelCount * (adjoint ? targetChannels : sourceChannels)
    let (sourceStep, targetStep) = adjoint ? (across, kernelCount) : (kernelCount, across)
    let total = groups * panels * depth
    return Array(unsafeUninitializedCapacity: total) { buffer, count in
      count = total
      guard depth > 0, let base = SharedBuffer(buffer) else { return }
      let weight = SharedInput(base: weight)
      ParallelFor.runRanges(groups * panels, minimumChunk: max(1, (1 << 16) / depth)) { range in
        for index in range {
          let (group, panel) = (index / panels, index % panels)
          let count = min(Self.panel, targetChannels - panel * Self.panel)
          let first = weight.base + group * across * (adjoint ? sourceChannels : targetChannels) + panel * Self.panel * targetStep
          packPanel(count, sourceChannels, target.kernels, taps, first, targetStep, sourceStep, base.base + index * depth)
        }
      }
    }
  }

  /// Computes some target channels of some images on this thread.
  private func runTask<Element: Scalar>(
    _ packed: [[Element]], _ input: UnsafePointer<Element>, _ output: UnsafeMutablePointer<Element>, images: Range<Int>,
    groups: Range<Int>, panels: Range<Int>, accumulating: Bool
  ) {
    let routines = Element.routines
    let span = images.count * plane
    let channels = panels.lowerBound * Self.panel..<min(targetChannels, panels.upperBound * Self.panel)
    // Bands of target rows keep the kernel's output in cache; several images are never banded.
    let band = images.count > 1 ? rows.pitch : max(1, (1 << 15) / max(1, channels.count * columns.pitch))
    let pitch = (images.count > 1 ? span : min(band, rows.pitch) * columns.pitch) + Self.slack
    let reach = (targets.lazy.compactMap { $0.shifts.max() }.max() ?? 0) + Self.slack
    let gridCount = sourceChannels * phases * span + reach
    let grid = UnsafeMutablePointer<Element>.allocate(capacity: gridCount + channels.count * pitch)
    defer { grid.deallocate() }
    grid.clear(gridCount)
    let result = grid + gridCount
    let offsets = targets.map { zip($0.planes, $0.shifts).map { $0 * span + $1 } }
    for group in groups {
      fill(grid, input, group, images, span)
      for (index, target) in targets.enumerated() {
        let taps = target.kernels.count
        let depth = sourceChannels * taps * Self.panel
        packed[index].withUnsafeBufferPointer { packed in
          let weights = packed.baseAddress.map { $0 + (group * self.panels + panels.lowerBound) * depth }
          for top in stride(from: 0, to: target.rows.count, by: band) {
            let height = min(band, target.rows.count - top)
            let count = (images.count - 1) * plane + (height - 1) * columns.pitch + target.columns.count
            routines.shiftedProducts(
              weights, channels.count, sourceChannels, phases * span, offsets[index], taps, grid + top * columns.pitch, count, result, pitch
            )
            let first = (target.rows.first + top * target.rows.step) * targetSize.width + target.columns.first
            for image in images {
              for channel in channels {
                let tensor = (image * self.groups + group) * targetChannels + channel
                routines.copyGrid(
                  height, target.columns.count, result + (channel - channels.lowerBound) * pitch + (image - images.lowerBound) * plane,
                  columns.pitch, 1, output + tensor * targetSize.height * targetSize.width + first, target.rows.step * targetSize.width,
                  target.columns.step, accumulating ? 1 : 0)
              }
            }
          }
        }
      }
    }
  }

  /// Copies the source channels of one group into their grids; the zeros around them stay.
  private func fill<Element: Scalar>(
    _ grid: UnsafeMutablePointer<Element>, _ input: UnsafePointer<Element>, _ group: Int, _ images: Range<Int>, _ span: Int
  ) {
    let copy = Element.routines.copyGrid
    for channel in 0..<sourceChannels {
      for (y, row) in rows.sources.enumerated() {
        for (x, column) in columns.sources.enumerated() where row.count > 0 && column.count > 0 {
          let base = grid + ((channel * rows.sources.count + y) * columns.sources.count + x) * span
          for image in images {
            let tensor = (image * groups + group) * sourceChannels + channel
            copy(
              row.count, column.count, input + (tensor * sourceSize.height + row.first) * sourceSize.width + column.first,
              row.step * sourceSize.width, column.step,
              base + (image - images.lowerBound) * plane + row.origin * columns.pitch + column.origin, columns.pitch, 1, 0)
          }
        }
      }
    }
  }
}
