import LinearAlgebra
import Testing

@testable import Training

@Suite("Augmentation") struct AugmentationTests {
  private let shape = FeatureShape(height: 5, width: 6, channels: 2)

  /// Images whose values tell their place: 1 + y + 0.1 x + 0.01 c.
  private func batch(_ count: Int) -> Tensor<Float> {
    var image: [Float] = []
    for y in 0..<5 { for x in 0..<6 { for c in 0..<2 { image.append(Float(1 + y) + Float(x) / 10 + Float(c) / 100) } } }
    return Tensor(shape: shape, elements: (0..<count).flatMap { _ in image })
  }

  @Test("Crops and mirror images move whole pixels, everywhere they may") func cropsAndFlips() throws {
    let original = batch(1).elements
    let images = batch(600)
    try Augmentation(padding: 2, flips: true, fill: -1).augment(images, random: RandomStream(seed: 3))
    func pixel(_ y: Int, _ x: Int, _ c: Int) -> Float {
      0..<5 ~= y && 0..<6 ~= x ? original[(y * 6 + x) * 2 + c] : -1
    }
    var seen: Set<[Int]> = []
    var ways: [[Int]] = []
    for down in -2...2 { for right in -2...2 { ways += [[down, right, 0], [down, right, 1]] } }
    for i in 0..<600 {
      let image = Array(images.sample(i))
      let match = ways.first { way in
        (0..<60).allSatisfy { k in
          let (y, x, c) = (k / 12, k / 2 % 6, k % 2)
          return image[k] == pixel(y + way[0], (way[2] == 1 ? 5 - x : x) + way[1], c)
        }
      }
      seen.insert(try #require(match))
    }
    #expect(seen.count == 50)
  }

  @Test("A hole is one square, everywhere it may be") func cutout() throws {
    let original = batch(1).elements
    let images = batch(400)
    try Augmentation(cutout: 3, fill: -1).augment(images, random: RandomStream(seed: 3))
    var sizes: Set<Int> = []
    for i in 0..<400 {
      let image = Array(images.sample(i))
      let holes = (0..<30).filter { image[2 * $0] == -1 }
      #expect(zip(image, original).allSatisfy { $0 == $1 || $0 == -1 } && holes.allSatisfy { image[2 * $0 + 1] == -1 })
      let (rows, columns) = (Set(holes.map { $0 / 6 }), Set(holes.map { $0 % 6 }))
      #expect(holes.count == rows.count * columns.count && (2...3).contains(rows.count) && (2...3).contains(columns.count))
      sizes.insert(holes.count)
    }
    #expect(sizes == [4, 6, 9])
  }

  @Test("An image depends on its place and the stream, not on the batch or the threads") func determinism() throws {
    let augmentation = try Augmentation(padding: 1, flips: true, cutout: 2)
    let (few, many) = (batch(3), batch(40))
    augmentation.augment(few, random: RandomStream(seed: 1))
    augmentation.augment(many, random: RandomStream(seed: 1))
    #expect(many.elements.prefix(few.count) == few.elements[...])
    let other = batch(3)
    augmentation.augment(other, random: RandomStream(seed: 2))
    #expect(other.elements != few.elements)
    let same = batch(3)
    try Augmentation().augment(same, random: RandomStream(seed: 1))
    #expect(same.elements == batch(3).elements)
    #expect(throws: TrainingError.self) { try Augmentation(padding: -1) }
  }

  @Test("A batch of a data set") func filling() throws {
    let data = try Dataset(name: "d", shape: .vector(2), samples: [1, 2, 3, 4, 5, 6], labels: [0, 1, 0], classCount: 2)
    let tensor = Tensor<Float>(capacity: 5, shape: .vector(2))
    try Augmentation().fill(tensor, from: data, indices: [2, 0], random: RandomStream(seed: 1))
    #expect(tensor.batch == 2 && tensor.elements == [5, 6, 1, 2])
  }
}
