internal import CKernels
import LinearAlgebra

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

    /// Copies the pixels; the zeros around them are there already.
    func fill<Element>(_ memory: UnsafeMutablePointer<Element>, from image: UnsafePointer<Element>) {
      let row = width * channels
      for y in 0..<height { (memory + origin + y * line).update(from: image + y * row, count: row) }
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
        packed += g.groups * part.packedCount
        adjoint.append(part)
      }
    }
    self.adjoint = adjoint
    let joined = g.groups == 1 ? g.kernelWidth * inputs : inputs
    copiesInput = input.isPadded || g.outputWidth % 4 != 0 || joined % 4 != 0
    copiesOutput = output.isPadded || adjoint.contains { $0.sums.columns % 4 != 0 }
    copiesOutputForKernel = outputs % lipcert_lanes(instructions, size) != 0
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
    let forward = take(geometry.groups * self.forward.packedCount)
    let adjoint = take(self.adjoint.reduce(0) { $0 + geometry.groups * $1.packedCount })
    let kernels = take(geometry.groups * self.forward.packedCount, times: chunks)
    let biases = take(geometry.outputChannels, times: chunks)
    // Pixels are taken four at a time and outputs a vector at a time, so a little is read past the end.
    let inputs = take(copiesInput ? input.count + 4 * (self.forward.sums.x_column + 1) : 0, times: chunks)
    let outputs = take(copiesOutput || copiesOutputForKernel ? output.count + 4 * (geometry.outputChannels + 16) : 0, times: chunks)
    return Places(
      forward: forward.place, adjoint: adjoint.place, kernels: kernels.place, kernelStep: kernels.step, biases: biases.place,
      biasStep: biases.step, inputs: inputs.place, inputStep: inputs.step, outputs: outputs.place, outputStep: outputs.step, count: count)
  }

  /// The parts of a batch; each has memory of its own, and gradients of kernels are summed part by part.
  ///
  /// It belongs to the rounding of results, so it goes by shapes alone. There are fewer of large kernels, whose sums are work themselves.
  func chunks(_ batch: Int) -> Int { max(1, min(batch, geometry.groups * forward.packedCount > 1 << 14 ? 8 : 16)) }

  /// The samples of one part of a batch.
  func samples(_ chunk: Int, of batch: Int) -> Range<Int> {
    let chunks = chunks(batch)
    return batch * chunk / chunks..<batch * (chunk + 1) / chunks
  }
}

// MARK: - Sums

extension ConvolutionSums {
  /// Packs the kernel as one part reads it, group by group.
  func pack<Element>(_ part: Part, _ kernel: UnsafePointer<Element>, _ packed: UnsafeMutablePointer<Element>) {
    var sums = part.sums
    guard sums.kernel_rows > 0, sums.kernel_columns > 0 else { return }
    let groupKernel = geometry.outputChannels / geometry.groups * geometry.kernelCount
    for group in 0..<geometry.groups {
      lipcert_convolution_pack(
        &sums, kernel + part.kernel + group * groupKernel, part.steps.row, part.steps.column, part.steps.channel, part.steps.output,
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

  /// One image's sums of one part, all groups.
  func run<Element>(
    _ part: Part, packed: UnsafePointer<Element>, bias: UnsafePointer<Element>? = nil, from: UnsafePointer<Element>,
    addend: UnsafePointer<Element>? = nil, to: UnsafeMutablePointer<Element>
  ) {
    var sums = part.sums
    for group in 0..<geometry.groups {
      let place = part.to + group * sums.outputs
      lipcert_convolution_run(
        &sums, packed + part.packed + group * part.packedCount, bias.map { $0 + group * sums.outputs },
        from + part.from + group * sums.channels, addend.map { $0 + place }, to + place)
    }
  }

  /// Adds one image's gradient of the kernel.
  ///
  /// - Parameters:
  ///   - outputGradient: the gradient at the first pixel.
  ///   - line: numbers between its rows.
  func addKernelGradient<Element>(
    input: UnsafePointer<Element>, outputGradient: UnsafePointer<Element>, line: Int, to packed: UnsafeMutablePointer<Element>
  ) {
    var sums = forward.sums
    sums.y_row = line
    for group in 0..<geometry.groups {
      lipcert_convolution_gradient(
        &sums, input + group * sums.channels, outputGradient + group * sums.outputs, packed + group * forward.packedCount)
    }
  }

  /// sums += the sum of an image's pixels.
  func addPixels<Element>(_ outputGradient: UnsafePointer<Element>, to sums: UnsafeMutablePointer<Element>) {
    lipcert_convolution_add_pixels(size, geometry.outputHeight * geometry.outputWidth, geometry.outputChannels, outputGradient, sums)
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
