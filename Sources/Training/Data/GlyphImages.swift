import Foundation
import LinearAlgebra

/// Grey images of ten digits, drawn by the program itself: the data that are there when no others are.
///
/// Each digit is written in one of a few ways, bent by a smooth random field, turned, sheared, scaled and shifted, and drawn with anti-aliased
/// strokes of random width and brightness over a random background with noise, often with stray strokes. Values are multiples of 1/255 in
/// [0, 1], ink is bright. Sample i depends on the seed, the split and i only (splits have nothing in common), and shows the digit i mod 10, so
/// every beginning of a split is balanced.
public struct GlyphImages: Hashable, Sendable, Codable {
  /// Rows and columns of an image; at least 8.
  public var size: Int
  /// The seed; another one gives other images of the same kind.
  public var seed: UInt64

  /// The images with these properties.
  ///
  /// - Throws: ``TrainingError/setting(key:detail:)`` when the size is below 8 or above 256.
  public init(size: Int = 28, seed: UInt64 = 0) throws(TrainingError) {
    guard 8...256 ~= size else { throw .setting(key: "size", detail: "glyphs have from 8 to 256 pixels a side, not \(size)") }
    self.size = size
    self.seed = seed
  }

  /// The first `count` images of a split; about 50 µs an image of 28 × 28 on one thread.
  ///
  /// - Throws: ``TrainingError/data(_:)`` when `count` is below 1.
  public func dataset(_ split: DataSplit, count: Int) throws(TrainingError) -> Dataset {
    guard count > 0 else { throw .data("glyphs: there are no samples") }
    let pixels = size * size
    var samples = [Float](repeating: 0, count: count * pixels)
    samples.withUnsafeMutableBufferPointer { buffer in
      guard let shared = SharedBuffer(buffer) else { return }
      ParallelFor.runRanges(count, minimumChunk: 16) { range in
        for index in range {
          draw(split, index, into: UnsafeMutableBufferPointer(start: shared.base + index * pixels, count: pixels))
        }
      }
    }
    return try Dataset(
      name: "glyphs-\(size)", shape: FeatureShape(height: size, width: size, channels: 1), samples: samples,
      labels: (0..<count).map { $0 % 10 }, classCount: 10)
  }

  private func draw(_ split: DataSplit, _ index: Int, into image: UnsafeMutableBufferPointer<Float>) {
    var random = RandomStream(seed: seed).stream(.data).stream(split.rawValue).stream(index).generator
    func uniform(_ from: Double, _ to: Double) -> Double { from + (to - from) * random.nextUniform() }

    let variants = GlyphShape.digits[index % 10]
    let shape = variants[Int(random.nextUniform() * Double(variants.count))]
    let place = Placement(&random)
    let width = uniform(0.055, 0.15)
    let ink = uniform(0.45, 1)
    let background = uniform(0, 0.2)
    let noise = uniform(0.02, 0.12)

    var canvas = GlyphCanvas(size: size, background: background)
    // Stray strokes lie under the glyph.
    for _ in 0..<Int(uniform(0, 3.2)) {
      let start = SIMD2(uniform(-1, 1), uniform(-1, 1))
      let (angle, length) = (uniform(0, 2 * .pi), uniform(0.2, 0.7))
      canvas.draw([[start, start + length * SIMD2(cos(angle), sin(angle))]], halfWidth: uniform(0.03, 0.09), ink: uniform(0.25, 0.8) * ink)
    }
    canvas.draw(shape.strokes.map { $0.map(place.callAsFunction) }, halfWidth: width, ink: ink)
    for i in image.indices {
      let value = canvas.values[i] + noise * random.nextGaussian()
      image[i] = Float((255 * min(max(value, 0), 1)).rounded() / 255)
    }
  }

  /// A smooth bend of the plane and an affine map after it.
  private struct Placement {
    private var waves: [(amplitude: SIMD2<Double>, frequency: SIMD2<Double>, phase: Double)] = []
    private let rows: (SIMD2<Double>, SIMD2<Double>)
    private let shift: SIMD2<Double>

    init(_ random: inout SplitMix64) {
      func uniform(_ from: Double, _ to: Double) -> Double { from + (to - from) * random.nextUniform() }
      for _ in 0..<3 {
        let amplitude = SIMD2(random.nextGaussian(), random.nextGaussian()) * 0.055
        waves.append((amplitude, SIMD2(uniform(-4, 4), uniform(-4, 4)), uniform(0, 2 * .pi)))
      }
      let (angle, shear) = (uniform(-0.26, 0.26), uniform(-0.25, 0.25))
      let (a, b) = (uniform(0.72, 1.05), uniform(0.75, 1.0))
      // Rotation · shear · scale.
      rows = (
        SIMD2(a * cos(angle), b * (shear * cos(angle) - sin(angle))), SIMD2(a * sin(angle), b * (shear * sin(angle) + cos(angle)))
      )
      shift = SIMD2(uniform(-0.1, 0.1), uniform(-0.1, 0.1))
    }

    func callAsFunction(_ point: SIMD2<Double>) -> SIMD2<Double> {
      var bent = point
      for wave in waves { bent += wave.amplitude * sin((wave.frequency * point).sum() + wave.phase) }
      return SIMD2((rows.0 * bent).sum(), (rows.1 * bent).sum()) + shift
    }
  }
}
