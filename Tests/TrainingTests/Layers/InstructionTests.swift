import CKernels
import LinearAlgebra
import Testing

@testable import Training

/// Every build of the kernels on this processor against the one without wide vectors, which the tests of layers compare with definitions
/// where it is the only one.
@Suite struct InstructionTests {
  /// Runs `body` with kernels limited to some instructions on this thread.
  private func limited<Result>(to instructions: Int32, _ body: () -> Result) -> Result {
    lipcert_limit_training_instructions(instructions)
    defer { lipcert_limit_training_instructions(Int32(lipcert_avx512.rawValue)) }
    return body()
  }

  private func expectSame(_ kernel: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () -> [Double]) {
    let expected = limited(to: 0, body)
    #expect(expected.contains { $0 != 0 }, sourceLocation: sourceLocation)
    for instructions in 1...max(1, lipcert_widest_instructions()) {
      let found = limited(to: instructions, body)
      let isSame = zip(found, expected).allSatisfy { abs($0 - $1) <= 1e-5 * max(1, abs($1)) }
      #expect(isSame, "\(kernel), instructions \(instructions)", sourceLocation: sourceLocation)
    }
  }

  private func check<Element: Scalar>(_ type: Element.Type, channels: Int, pixels: Int) {
    let (kernels, count) = (LayerKernels<Element>.shared, channels * pixels)
    var generator = SplitMix64(seed: UInt64(count))
    let (x, g, before): ([Element], [Element], [Element]) = (
      generator.gaussianVector(count), generator.gaussianVector(count), generator.gaussianVector(count)
    )
    let c = (0..<5).map { _ -> [Element] in generator.gaussianVector(channels) }
    /// The output of a kernel that writes `count` elements over those of `before`.
    func output(_ body: (UnsafeMutablePointer<Element>) -> Void) -> [Double] {
      var y = before
      y.withUnsafeMutableBufferPointer { buffer in
        if let base = buffer.baseAddress { body(base) }
      }
      return y.map(Double.init)
    }
    /// Two sums for every channel.
    func sums(_ body: (UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>) -> Void) -> [Double] {
      var (one, two) = ([Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels))
      body(&one, &two)
      return one + two
    }
    expectSame("moments") { sums { kernels.channelMoments(pixels, channels, x, $0, $1) } }
    expectSame("normalize") { output { kernels.channelNormalize(pixels, channels, x, c[0], c[1], c[2], 0, $0) } }
    expectSame("gradient sums") { sums { kernels.channelGradientSums(pixels, channels, x, g, c[0], c[1], c[2], 0, $0, $1) } }
    for adds in [0, 1] as [Int32] {
      expectSame("gradient") { output { kernels.channelGradient(pixels, channels, x, g, c[0], c[1], c[2], 0, c[3], c[4], $0, adds) } }
      expectSame("leak gradient") { output { kernels.leakGradient(count, 0.1, x, g, $0, adds) } }
      expectSame("clip gradient") { output { kernels.clipGradient(count, -0.5, 0.7, x, g, $0, adds) } }
      expectSame("extremes gradient") { output { kernels.extremesGradient(pixels, channels / 2, x, g, $0, adds) } }
      expectSame("transpose") { output { kernels.transpose(pixels, channels, x, $0, adds) } }
      let sources = (0..<channels).map { $0 % 5 == 3 ? -1 : Int32($0 * 7 % channels) }
      expectSame("select gradient") { output { kernels.selectGradient(pixels, channels, channels, sources, g, $0, adds) } }
      expectSame("select") { output { kernels.select(pixels, channels, channels, sources, x, $0) } }
      expectSame("drop") { output { kernels.drop(count, 7, 1 << 30, 2, x, $0, adds) } }
      expectSame("noise gradient") { output { kernels.noiseGradient(count, g, 0.1, 0.2, x, $0, adds) } }
    }
    expectSame("leak") { output { kernels.leak(count, 0.1, x, $0) } }
    expectSame("clip") { output { kernels.clip(count, -0.5, 0.7, x, $0) } }
    expectSame("combine") { output { kernels.combine(count, 2, x, 3, g, $0) } }
    expectSame("extremes") { output { kernels.extremes(pixels, channels / 2, x, $0) } }
    expectSame("add noise") { output { kernels.addNoise(count, 9, 0.3, x, $0) } }
    expectSame("noise product") { [kernels.noiseProduct(count, g, x, before)] }
    for size in [2, 3] where count % size == 0 {
      expectSame("sort") {
        output { y in
          var places = [Int32](repeating: 0, count: count)
          var sorted = before
          kernels.sortGroups(count / size, size, x, &sorted, &places)
          kernels.sortGroupsGradient(count / size, size, places, sorted, y, 1)
        }
      }
    }
    var window = lipcert_window(
      height: 1, width: pixels, channels: channels, kernel_height: 1, kernel_width: 3, stride_height: 1, stride_width: 1, pad_height: 0,
      pad_width: 1, output_height: 1, output_width: pixels, counts_padding: 0)
    expectSame("windows") {
      output { y in
        var places = [Int32](repeating: 0, count: count)
        var (maxima, means) = (before, before)
        kernels.windowMaximum(&window, x, &maxima, &places)
        kernels.windowMaximumGradient(&window, places, maxima, y, 1)
        kernels.windowMean(&window, x, &means)
        kernels.windowMeanGradient(&window, means, y, 1)
      }
    }
  }

  @Test(arguments: [2, 6, 16, 64, 130], [3, 40]) func kernelsAgree(channels: Int, pixels: Int) {
    check(Float.self, channels: channels, pixels: pixels)
    check(Double.self, channels: channels, pixels: pixels)
  }

  @Test(arguments: 0..<10) func smoothActivationsAgree(function: UInt32) {
    let x = (0..<301).map { Float($0 - 150) / 20 }
    var y = x
    expectSame("values") {
      lipcert_smooth_values(lipcert_smooth(rawValue: function), x.count, 0.3, 0.5, x, &y)
      return y.map(Double.init)
    }
    expectSame("slopes") {
      lipcert_smooth_gradient(lipcert_smooth(rawValue: function), x.count, 0.3, 0.5, x, x, &y, 0)
      return y.map(Double.init)
    }
  }
}
