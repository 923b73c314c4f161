internal import CKernels
import LinearAlgebra
import Synchronization

/// Where the numbers of a convolution lie in memory, forwards and backwards, and how its sums are split.
///
/// Images are batch × height × width × channels. Sums read an image that has its zeros around it, a copy where there are any. The gradient
/// of the input is itself a convolution: with stride s, the input's rows of one residue modulo s meet every s-th row of the kernel only, so
/// each pair of residues has a convolution of stride one with its part of the kernel, mirrored. No zeros are inserted, none multiplied.
struct ConvolutionSums: Sendable {
  /// One convolution of stride one or more with a part of the kernel.
  struct Part: Sendable {
    /// The sums of one group.
    var sums: lipcert_convolution
    /// The first pixel's place among what is read and written.
    var from: Int
    var to: Int
    /// The first coefficient's place in the kernel (output × input / groups × row × column), and the steps to the next.
    var kernel: Int
    var steps: (row: Int, column: Int, channel: Int, output: Int)
    /// The place in packed memory.
    var packed: Int
    /// What a group takes there, a multiple of a vector.
    var packedCount: Int { withUnsafePointer(to: sums) { lipcert_convolution_count($0) } }
    /// Whether minimal filtering can take the place of the sums.
    var isTransformable: Bool { withUnsafePointer(to: sums) { lipcert_winograd_applies($0) != 0 } }
    /// What its kernels take at most, either way.
    func room(groups: Int) -> Int {
      max(groups * packedCount, isTransformable && groups == 1 ? withUnsafePointer(to: sums) { lipcert_winograd_count($0) } : 0)
    }
  }

  /// An image with zeros around it.
  struct PaddedImage: Sendable {
    let height: Int
    let width: Int
    let channels: Int
    var top = 0
    var left = 0
    var bottom = 0
    var right = 0

    var line: Int { (left + width + right) * channels }
    var count: Int { (top + height + bottom) * line }
    var isPadded: Bool { top + left + bottom + right > 0 }
    /// The place of the first pixel that is not a zero.
    var origin: Int { top * line + left * channels }

    /// Copies images into memory where the zeros around them are already.
    func copies<Element>(
      of images: UnsafePointer<Element>, count: Int, at memory: UnsafeMutablePointer<Element>, step: Int
    ) -> Images<UnsafePointer<Element>> {
      let row = width * channels
      for image in 0..<count {
        let (from, to) = (images + image * height * row, memory + image * step + origin)
        for y in 0..<height { (to + y * line).update(from: from + y * row, count: row) }
      }
      return Images(base: UnsafePointer(memory), step: step)
    }
  }

  /// How many instruction sets this processor has kernels for, the plainest first.
  static var instructionSets: Int { Int(lipcert_widest_instructions()) + 1 }

  let geometry: ConvolutionGeometry
  let size: Int
  let forward: Part
  let adjoint: [Part]
  let input: PaddedImage
  let output: PaddedImage
  /// Whether sums read a copy of the input; of the output's gradient for the input's gradient; and for the kernel's.
  let copiesInput: Bool
  let copiesOutput: Bool
  let copiesOutputForKernel: Bool
  /// The images that are treated together: minimal filtering wants at least sixteen tiles of 4 × 4 pixels to share a kernel's coefficients.
  let together: Int

  /// - Parameters:
  ///   - geometry: the sizes, without dilation.
  ///   - size: bytes of a number.
  ///   - instructions: what the processor is asked for; nil for the most it can do.
  init(_ geometry: ConvolutionGeometry, size: Int, instructions: Int32?) {
    let g = geometry
    let instructions = instructions ?? lipcert_widest_instructions()
    self.geometry = g
    self.size = size
    let (inputs, outputs) = (g.inputChannels / g.groups, g.outputChannels / g.groups)
    let taps = g.kernelHeight * g.kernelWidth
    input = PaddedImage(
      height: g.inputHeight, width: g.inputWidth, channels: g.inputChannels, top: g.padTop, left: g.padLeft, bottom: g.padBottom,
      right: g.padRight)
    forward = Part(
      sums: lipcert_convolution(
        instructions: instructions, size: size, kernel_rows: g.kernelHeight, kernel_columns: g.kernelWidth, channels: inputs,
        outputs: outputs, rows: g.outputHeight, columns: g.outputWidth, line: input.line, pixel: g.inputChannels,
        x_row: g.strideHeight * input.line, x_column: g.strideWidth * g.inputChannels, y_row: g.outputWidth * g.outputChannels,
        y_column: g.outputChannels),
      from: 0, to: 0, kernel: 0, steps: (g.kernelWidth, 1, taps, inputs * taps), packed: 0)

    let rows = Residue.all(size: g.inputHeight, kernel: g.kernelHeight, stride: g.strideHeight, pad: g.padTop)
    let columns = Residue.all(size: g.inputWidth, kernel: g.kernelWidth, stride: g.strideWidth, pad: g.padLeft)
    let (above, below) = Residue.zeros(rows, size: g.outputHeight)
    let (before, after) = Residue.zeros(columns, size: g.outputWidth)
    let output = PaddedImage(
      height: g.outputHeight, width: g.outputWidth, channels: g.outputChannels, top: above, left: before, bottom: below, right: after)
    self.output = output
    var packed = 0
    var adjoint: [Part] = []
    for row in rows {
      for column in columns where row.count > 0 && column.count > 0 {
        let part = Part(
          sums: lipcert_convolution(
            instructions: instructions, size: size, kernel_rows: row.taps, kernel_columns: column.taps, channels: outputs, outputs: inputs,
            rows: row.count, columns: column.count, line: output.line, pixel: g.outputChannels, x_row: output.line,
            x_column: g.outputChannels, y_row: g.strideHeight * g.inputWidth * g.inputChannels,
            y_column: g.strideWidth * g.inputChannels),
          from: (above + row.firstRead) * output.line + (before + column.firstRead) * g.outputChannels,
          to: (row.first * g.inputWidth + column.first) * g.inputChannels,
          kernel: row.lastTap * g.kernelWidth + column.lastTap,
          steps: (-g.strideHeight * g.kernelWidth, -g.strideWidth, inputs * taps, taps), packed: packed)
        packed += part.room(groups: g.groups)
        adjoint.append(part)
      }
    }
    self.adjoint = adjoint
    let joined = g.groups == 1 ? g.kernelWidth * inputs : inputs
    copiesInput = input.isPadded || g.outputWidth % 4 != 0 || joined % 4 != 0
    copiesOutput = output.isPadded || adjoint.contains { $0.sums.columns % 4 != 0 }
    copiesOutputForKernel = outputs % lipcert_lanes(instructions, size) != 0
    let transformed = ([forward] + adjoint).filter { $0.isTransformable && g.groups == 1 }
    together = transformed.map { max(1, min(8, 256 / ($0.sums.rows * $0.sums.columns))) }.max() ?? 1
  }

  /// The rows (or columns) of the input that meet the same rows of the kernel.
  private struct Residue {
    /// The first of them, and how many there are.
    var first: Int
    var count: Int
    /// How many rows of the kernel they meet, and the last of those.
    var taps: Int
    var lastTap: Int
    /// The row of the output's gradient that meets the last tap at the first input row, possibly before the first one.
    var firstRead: Int

    static func all(size: Int, kernel: Int, stride: Int, pad: Int) -> [Residue] {
      (0..<stride).map { residue in
        // Output row o and tap i meet input row r when o · stride + i = r + pad.
        let first = ((residue - pad) % stride + stride) % stride
        let taps = max(0, (kernel - residue + stride - 1) / stride)
        return Residue(
          first: first, count: max(0, (size - first + stride - 1) / stride), taps: taps, lastTap: residue + (taps - 1) * stride,
          firstRead: (first + pad - residue) / stride - (taps - 1))
      }
    }

    /// The zeros before and after `size` rows that all residues together read.
    static func zeros(_ residues: [Residue], size: Int) -> (before: Int, after: Int) {
      let read = residues.filter { $0.count > 0 && $0.taps > 0 }
      return (
        max(0, read.map { -$0.firstRead }.max() ?? 0), max(0, read.map { $0.firstRead + $0.taps - 1 + $0.count - size }.max() ?? 0)
      )
    }
  }
}

// MARK: - Memory

extension ConvolutionSums {
  /// Where what is remembered lies in a ``LayerMemory``, in numbers.
  struct Places: Sendable {
    let forward: Int
    let adjoint: Int
    let kernels: Int
    let kernelStep: Int
    let biases: Int
    let biasStep: Int
    let inputs: Int
    let inputStep: Int
    let outputs: Int
    let outputStep: Int
    let work: Int
    let workStep: Int
    let transformed: Int
    let transformedStep: Int
    let count: Int
  }

  /// The places for batches of up to `capacity` samples.
  func places(capacity: Int) -> Places {
    let chunks = chunks(capacity)
    var count = 0
    // Vectors do not straddle lines of the cache where they begin at multiples of 64 bytes.
    func take(_ numbers: Int, times: Int = 1) -> (place: Int, step: Int) {
      let step = (numbers + 15) / 16 * 16
      defer { count += step * times }
      return (count, step)
    }
    let forward = take(self.forward.room(groups: geometry.groups))
    let adjoint = take(self.adjoint.reduce(0) { $0 + $1.room(groups: geometry.groups) })
    let kernels = take(geometry.groups * self.forward.packedCount, times: chunks)
    let biases = take(geometry.outputChannels, times: chunks)
    // Pixels are taken four at a time and outputs a vector at a time, so a little is read past the end.
    let inputs = take(copiesInput ? input.count + 4 * (self.forward.sums.x_column + 1) : 0, times: chunks * together)
    let outputs = take(
      copiesOutput || copiesOutputForKernel ? output.count + 4 * (geometry.outputChannels + 16) : 0, times: chunks * together)
    let work = take(
      ([self.forward] + self.adjoint).map { part in
        guard part.isTransformable, geometry.groups == 1 else { return 0 }
        return withUnsafePointer(to: part.sums) { lipcert_winograd_work($0, together) }
      }.max() ?? 0, times: chunks)
    let transformed = take(
      isTransformed(self.forward, isExact: false) ? withUnsafePointer(to: self.forward.sums) { lipcert_winograd_count($0) } : 0,
      times: chunks)
    return Places(
      forward: forward.place, adjoint: adjoint.place, kernels: kernels.place, kernelStep: kernels.step, biases: biases.place,
      biasStep: biases.step, inputs: inputs.place, inputStep: inputs.step, outputs: outputs.place, outputStep: outputs.step,
      work: work.place,
      workStep: work.step, transformed: transformed.place, transformedStep: transformed.step, count: count)
  }

  /// The parts of a batch; each has memory of its own, and gradients of kernels are summed part by part.
  ///
  /// It belongs to the rounding of results, so it goes by shapes alone. There are fewer of large kernels, whose sums are work themselves.
  func chunks(_ batch: Int) -> Int { max(1, min(batch, geometry.groups * forward.packedCount > 1 << 14 ? 8 : 16)) }

  /// Where a part of a batch begins.
  func firstSample(of part: Int, in batch: Int) -> Int { batch * part / chunks(batch) }

  /// Calls `body` for all samples of a batch, ``together`` at a time, the samples of one part in order and on one thread.
  ///
  /// - Parameter body: takes the part, the samples, and a slot of working memory that nobody else uses meanwhile; the slot used last is
  ///   used first, while it is in the caches.
  func forEachPart(of batch: Int, _ body: @Sendable (_ part: Int, _ samples: Range<Int>, _ slot: Int) -> Void) {
    let chunks = chunks(batch)
    let free = Mutex(Array(0..<chunks))
    ParallelFor.run(chunks) { chunk in
      let slot = free.withLock { $0.removeLast() }
      let end = firstSample(of: chunk + 1, in: batch)
      for start in stride(from: firstSample(of: chunk, in: batch), to: end, by: together) {
        body(chunk, start..<min(end, start + together), slot)
      }
      free.withLock { $0.append(slot) }
    }
  }
}

// MARK: - Sums

extension ConvolutionSums {
  /// Whether a part goes by minimal filtering, which is faster and less exact.
  func isTransformed(_ part: Part, isExact: Bool) -> Bool { !isExact && geometry.groups == 1 && part.isTransformable }

  /// Packs the kernel as one part reads it, group by group.
  func pack<Element>(_ part: Part, isExact: Bool, _ kernel: UnsafePointer<Element>, _ packed: UnsafeMutablePointer<Element>) {
    var sums = part.sums
    guard sums.kernel_rows > 0, sums.kernel_columns > 0 else { return }
    let (steps, first) = (part.steps, kernel + part.kernel)
    if isTransformed(part, isExact: isExact) {
      lipcert_winograd_pack(&sums, first, steps.row, steps.column, steps.channel, steps.output, packed + part.packed)
      return
    }
    let groupKernel = geometry.outputChannels / geometry.groups * geometry.kernelCount
    for group in 0..<geometry.groups {
      lipcert_convolution_pack(
        &sums, first + group * groupKernel, steps.row, steps.column, steps.channel, steps.output,
        packed + part.packed + group * part.packedCount)
    }
  }

  /// Adds packed coefficients to a kernel.
  func addUnpacked<Element>(_ packed: UnsafePointer<Element>, to kernel: UnsafeMutablePointer<Element>) {
    var sums = forward.sums
    let groupKernel = geometry.outputChannels / geometry.groups * geometry.kernelCount
    for group in 0..<geometry.groups {
      lipcert_convolution_add_unpacked(
        &sums, packed + group * forward.packedCount, kernel + group * groupKernel, forward.steps.row, forward.steps.column,
        forward.steps.channel, forward.steps.output)
    }
  }

  /// Images in memory, and the numbers from one to the next.
  struct Images<Pointer> {
    let base: Pointer
    let step: Int
  }

  /// The sums of one part for some images, all groups.
  func run<Element>(
    _ part: Part, isExact: Bool, packed: UnsafePointer<Element>, bias: UnsafePointer<Element>? = nil, count: Int,
    from: Images<UnsafePointer<Element>>, addend: UnsafePointer<Element>? = nil, to: Images<UnsafeMutablePointer<Element>>,
    work: UnsafeMutablePointer<Element>
  ) {
    var sums = part.sums
    if isTransformed(part, isExact: isExact) {
      lipcert_winograd_run(
        &sums, packed + part.packed, bias, count, from.step, to.step, from.base + part.from, addend.map { $0 + part.to },
        to.base + part.to, work)
      return
    }
    for image in 0..<count {
      for group in 0..<geometry.groups {
        let place = image * to.step + part.to + group * sums.outputs
        lipcert_convolution_run(
          &sums, packed + part.packed + group * part.packedCount, bias.map { $0 + group * sums.outputs },
          from.base + image * from.step + part.from + group * sums.channels, addend.map { $0 + place }, to.base + place)
      }
    }
  }

  /// Adds the gradient of the kernel that some images have.
  ///
  /// - Parameters:
  ///   - outputs: the gradient of the output.
  ///   - line: numbers between its rows.
  ///   - transformed: where minimal filtering adds its sums, which ``addTransformed(_:to:)`` takes to the kernel.
  ///   - packed: where plain sums are added.
  func addKernelGradient<Element>(
    isExact: Bool, count: Int, inputs: Images<UnsafePointer<Element>>, outputs: Images<UnsafePointer<Element>>, line: Int,
    work: UnsafeMutablePointer<Element>, transformed: UnsafeMutablePointer<Element>, packed: UnsafeMutablePointer<Element>
  ) {
    var sums = forward.sums
    sums.y_row = line
    if isTransformed(forward, isExact: isExact) {
      lipcert_winograd_gradient(&sums, count, inputs.step, outputs.step, inputs.base, outputs.base, work, transformed)
      return
    }
    for image in 0..<count {
      for group in 0..<geometry.groups {
        lipcert_convolution_gradient(
          &sums, inputs.base + image * inputs.step + group * sums.channels, outputs.base + image * outputs.step + group * sums.outputs,
          packed + group * forward.packedCount)
      }
    }
  }

  /// Adds what minimal filtering has summed to the gradient of the kernel.
  func addTransformed<Element>(_ transformed: UnsafePointer<Element>, to packed: UnsafeMutablePointer<Element>) {
    var sums = forward.sums
    lipcert_winograd_gather(&sums, transformed, packed)
  }

  /// sums += the sum of the pixels of some images.
  func addPixels<Element>(_ outputGradients: UnsafePointer<Element>, count: Int, to sums: UnsafeMutablePointer<Element>) {
    let pixels = count * geometry.outputHeight * geometry.outputWidth
    lipcert_convolution_add_pixels(size, pixels, geometry.outputChannels, outputGradients, sums)
  }

  /// Adds parts 1, 2, … of `step` numbers each to part 0, number by number in that order.
  func addParts<Element>(_ parts: UnsafeMutablePointer<Element>, step: Int, parts count: Int) {
    let memory = SharedBuffer(base: parts)
    ParallelFor.runRanges(step, minimumChunk: 2048) { range in
      for part in 1..<max(1, count) {
        add(memory.base + part * step + range.lowerBound, to: memory.base + range.lowerBound, count: range.count)
      }
    }
  }

  /// Makes numbers zero.
  func clear<Element>(_ numbers: UnsafeMutablePointer<Element>, count: Int) {
    UnsafeMutableRawPointer(numbers).initializeMemory(as: UInt8.self, repeating: 0, count: count * size)
  }

  /// y += x.
  func add<Element>(_ x: UnsafePointer<Element>, to y: UnsafeMutablePointer<Element>, count: Int) {
    lipcert_convolution_add(size, count, x, y)
  }
}
