import LinearAlgebra
import Testing

@testable import Training

@Suite("Glyph images") struct GlyphImagesTests {
  @Test("A sample depends on seed, split and index only") func samplesStandAlone() throws {
    let glyphs = try GlyphImages(size: 14, seed: 3)
    let (few, many) = (try glyphs.dataset(.training, count: 12), try glyphs.dataset(.training, count: 40))
    #expect(many.samples.prefix(few.samples.count) == few.samples[...])
    #expect(many.labels == (0..<40).map { $0 % 10 })
    #expect(try glyphs.dataset(.test, count: 12).samples != few.samples)
    #expect(try GlyphImages(size: 14, seed: 4).dataset(.training, count: 12).samples != few.samples)
    #expect(try glyphs.dataset(.training, count: 12).digest == few.digest)
    #expect(many.digest != few.digest)
  }

  @Test("Values are bytes in [0, 1]; every image shows something", arguments: [8, 14, 28]) func values(size: Int) throws {
    let data = try GlyphImages(size: size).dataset(.training, count: 30)
    #expect(data.shape == FeatureShape(height: size, width: size, channels: 1))
    for value in data.samples { #expect(0...1 ~= value && value == Float((Double(value) * 255).rounded() / 255)) }
    for index in 0..<data.count {
      let mean = data[index].reduce(0, +) / Float(data.shape.count)
      let variance = data[index].reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(data.shape.count)
      #expect(variance > 0.003, "image \(index)")
    }
  }

  @Test("Digits of a class are more alike than those of different classes") func classesDiffer() throws {
    // The nearest mean of a class, learnt from other images, beats chance by far though it is no good classifier.
    let training = try GlyphImages(size: 14).dataset(.training, count: 400)
    let test = try GlyphImages(size: 14).dataset(.test, count: 100)
    let n = training.shape.count
    var means = [[Float]](repeating: [Float](repeating: 0, count: n), count: 10)
    for index in 0..<training.count { for (i, value) in training[index].enumerated() { means[training.labels[index]][i] += value / 40 } }
    let right = (0..<test.count).filter { index in
      let sample = Array(test[index])
      let distances = means.map { mean in zip(mean, sample).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } }
      return distances.indices.min { distances[$0] < distances[$1] } == test.labels[index]
    }
    #expect(right.count > 45 && right.count < 95)
  }

  @Test("A stroke covers its area, and pixels off it not at all") func strokes() {
    var canvas = GlyphCanvas(size: 44, background: 0)
    // One unit is 20 pixels; the stroke is 20 long, 8 wide and round at its ends.
    canvas.draw([[SIMD2(-0.5, 0), SIMD2(0.5, 0)]], halfWidth: 0.2, ink: 1)
    let area = canvas.values.reduce(0, +)
    #expect(abs(area - (20 * 8 + .pi * 16)) < 2)
    #expect(canvas.values[0] == 0)
    #expect(canvas.values[22 * 44 + 22] == 1)
    let once = canvas.values
    canvas.draw([[SIMD2(-0.5, 0), SIMD2(0.5, 0), SIMD2(-0.5, 0)]], halfWidth: 0.2, ink: 1)
    #expect(zip(canvas.values, once).allSatisfy { $0 >= $1 })
  }

  @Test("Sizes out of range") func sizes() {
    #expect(throws: TrainingError.self) { try GlyphImages(size: 7) }
    #expect(throws: TrainingError.self) { try GlyphImages(size: 14).dataset(.training, count: 0) }
  }
}
