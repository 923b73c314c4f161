import Foundation
import NetworkFormats
import Testing

/// Small files of every kind that the program reads, as people would have them.
enum ExampleFiles {
  /// A network of three inputs and two outputs in two formats, and a certificate about it: made by the program, once for all tests.
  private static let made: [String: Data] = {
    guard let folder = try? TemporaryFolder() else { return [:] }
    var files: [String: Data] = [:]
    for (name, words) in [
      ("net.onnx", "generate net.onnx --widths 3,4,2"), ("weights.npz", "generate weights.npz --widths 3,4,2"),
      ("net.lipcert", "bound net.onnx --certificate net.lipcert"),
    ] where (try? Tool.run(words, in: folder).status) == 0 { files[name] = try? folder.read(name) }
    return files
  }()

  /// Puts them into a folder.
  static func putModels(in folder: TemporaryFolder) throws {
    try #require(made.count == 3)
    for (name, data) in made { try folder.write(data, to: name) }
  }

  /// Three inputs between 0 and 0.1, and a bound of the first output.
  static func property(_ unsafe: String) -> String {
    let declared = (0..<3).map { "X_\($0)" } + ["Y_0", "Y_1"]
    return declared.map { "(declare-const \($0) Real)\n" }.joined()
      + (0..<3).map { "(assert (>= X_\($0) 0))\n(assert (<= X_\($0) 0.1))\n" }.joined() + "(assert \(unsafe))\n"
  }

  /// A hundred images of 14 x 14 pixels and one epoch.
  static let recipe = """
    title: R
    data: {glyphs: 14, training-count: 100, test-count: 20}
    model: {perceptron: {widths: [8]}}
    training: {epochs: 1, learning-rate: 0.1}

    """
  /// The same, pruned.
  static let pruningRecipe = recipe + "pruning: {magnitude: {sparsity: 0.5}}\n"
  /// One small network.
  static let study = "title: T\nmodels: [{name: m, generate: {widths: [3, 4, 2]}}]\n"

  /// An array of numbers that vary.
  static func array(_ dimensions: [Int], scale: Double = 1) -> NumPyArray {
    let count = dimensions.reduce(1, *)
    return NumPyArray(dimensions: dimensions, elements: .double((0..<count).map { scale * Double($0 * 37 % 101) / 101 }))
  }

  /// Labels 0 and 1, one for each sample.
  static func labels(_ count: Int) -> NumPyArray {
    NumPyArray(dimensions: [count], elements: .double((0..<count).map { Double($0 % 2) }))
  }

  /// Inputs and labels in one archive.
  static func archive(_ dimensions: [Int]) -> NumPyArchive {
    var archive = NumPyArchive()
    archive.set(array(dimensions), for: "x")
    archive.set(labels(dimensions[0]), for: "y")
    return archive
  }

  /// A table: a label, and as many whole numbers from 0 to 255.
  static func table(rows: Int, columns: Int) -> String {
    (0..<rows).map { row in
      "\(row % 2)," + (0..<columns).map { "\((row + $0) * 37 % 256)" }.joined(separator: ",") + "\n"
    }.joined()
  }

  /// A folder such as MNIST's with a few test images.
  static func images(in folder: TemporaryFolder, named name: String, count: Int, size: Int) throws {
    try FileManager.default.createDirectory(atPath: folder.path(name), withIntermediateDirectories: true)
    func header(_ kind: UInt8, _ sizes: [Int]) -> [UInt8] {
      [0, 0, 8, kind] + sizes.flatMap { size in stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: size >> $0) } }
    }
    let pixels = (0..<count * size * size).map { UInt8(truncatingIfNeeded: $0 * 37) }
    try folder.write(Data(header(3, [count, size, size]) + pixels), to: name + "/t10k-images-idx3-ubyte")
    try folder.write(Data(header(1, [count]) + (0..<count).map { UInt8($0 % 2) }), to: name + "/t10k-labels-idx1-ubyte")
  }
}
