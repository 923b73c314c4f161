import Foundation
import LinearAlgebra
import Networks
import Testing

@testable import NetworkFormats

/// Damaged files: every outcome is a network or a typed error, soon and in little memory. A trap would end the test process.
///
/// `LIPCERT_FUZZ_ITERATIONS` sets how many files each test damages (400 unless set); `LIPCERT_FUZZ_SEED` where the random numbers start, so
/// that long runs see new files:
///
///     LIPCERT_FUZZ_ITERATIONS=100000 LIPCERT_FUZZ_SEED=7 swift test -c release -Xswiftc -enable-testing --filter FuzzTests
struct FuzzTests {
  static let environment = ProcessInfo.processInfo.environment
  static let iterations = environment["LIPCERT_FUZZ_ITERATIONS"].flatMap(Int.init) ?? 400
  static let seed = environment["LIPCERT_FUZZ_SEED"].flatMap(UInt64.init) ?? 1

  /// Limits that keep a fuzzed network's tensors small.
  static var options: ReadOptions {
    var options = ReadOptions()
    options.maximumTensorElements = 1 << 16
    options.maximumFileSize = 1 << 22
    return options
  }

  /// Runs a reader; anything but a typed error fails the test. Small networks are also evaluated.
  private func expectSoundOutcome(_ what: String, _ read: () throws -> Network?) {
    let start = ContinuousClock.now
    do {
      if let network = try read(), network.nodes.count < 100, network.nodes.allSatisfy({ $0.shape.count < 2000 }) {
        _ = try network.forward(network.inputs.map { Array(repeating: 0.5, count: network.nodes[$0].shape.count) })
        _ = try? ONNXWriter.data(network)
      }
    } catch is FormatError {
    } catch is NetworkError {
    } catch {
      Issue.record("\(what): \(error)")
    }
    let time = ContinuousClock.now - start
    if time > .seconds(5) { Issue.record("\(what): \(time)") }
  }

  private static func models() throws -> [Network] {
    var samples = SampleNetworks(seed: 3)
    return try [samples.perceptron(layers: 3), samples.image(), samples.arithmetic(), samples.activation(.gelu), samples.activation(.silu)]
  }

  /// Flips bits, cuts, repeats, removes and overwrites.
  private static func damaged(_ data: Data, _ generator: inout SplitMix64) -> Data {
    var bytes = [UInt8](data)
    for _ in 0...Int.random(in: 0...3, using: &generator) where !bytes.isEmpty {
      let position = Int.random(in: 0..<bytes.count, using: &generator)
      switch Int.random(in: 0..<6, using: &generator) {
      case 0, 1: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 2: bytes.removeLast(bytes.count - position)
      case 3: bytes[position] = [0, 0x7F, 0x80, 0xFF].randomElement(using: &generator) ?? 0
      case 4:
        let end = min(bytes.count, position + Int.random(in: 1...9, using: &generator))
        bytes.replaceSubrange(position..<end, with: Array(repeating: 0xFF, count: Int.random(in: 0...10, using: &generator)))
      default:
        let end = min(bytes.count, position + Int.random(in: 1...40, using: &generator))
        bytes.insert(contentsOf: bytes[position..<end], at: Int.random(in: 0...bytes.count, using: &generator))
      }
    }
    return Data(bytes)
  }

  @Test func onnxBytes() throws {
    var generator = SplitMix64(seed: Self.seed)
    let files = try Self.models().map { try ONNXWriter.data($0) }
    for iteration in 0..<Self.iterations {
      let data = Self.damaged(files[iteration % files.count], &generator)
      expectSoundOutcome("bytes \(iteration)") { try ONNXReader.read(data, options: Self.options) }
    }
  }

  @Test func onnxTruncated() throws {
    let data = try ONNXWriter.data(try Self.models()[0])
    for length in 0..<data.count {
      expectSoundOutcome("length \(length)") { try ONNXReader.read(data.prefix(length), options: Self.options) }
    }
  }

  /// Well-formed messages with wrong contents: impossible numbers, other operators, other joins (cycles among them), lost inputs.
  @Test func onnxMessages() throws {
    var generator = SplitMix64(seed: Self.seed)
    let models = try Self.models().map { try ONNXReader.decode(ONNXWriter.data($0)) }
    for iteration in 0..<Self.iterations * 5 {
      var model = models[iteration % models.count]
      for _ in 0...Int.random(in: 0...2, using: &generator) { Self.corrupt(&model, &generator) }
      let damaged = model
      expectSoundOutcome("message \(iteration)") {
        var importer = try ONNXImporter(damaged, options: Self.options)
        return try importer.run()
      }
    }
  }

  private static let oddNumbers: [Int64] = [.min, .min + 1, -3, -2, -1, 0, 1, 2, 3, 1 << 31, 1 << 32, 1 << 62, .max - 1, .max]

  private static func corrupt(_ model: inout ONNXModel, _ generator: inout SplitMix64) {
    let odd = oddNumbers.randomElement(using: &generator) ?? 0
    let names = model.graph.node.flatMap { $0.input + $0.output } + [""]
    let name = names.randomElement(using: &generator) ?? ""
    let node = Int.random(in: 0..<model.graph.node.count, using: &generator)
    switch Int.random(in: 0..<12, using: &generator) {
    case 0 where !model.graph.initializer.isEmpty:
      let tensor = Int.random(in: 0..<model.graph.initializer.count, using: &generator)
      model.graph.initializer[tensor].dims.append(odd)
    case 1 where !model.graph.initializer.isEmpty:
      let tensor = Int.random(in: 0..<model.graph.initializer.count, using: &generator)
      var dims = model.graph.initializer[tensor].dims
      dims.reverse()
      if !dims.isEmpty, Bool.random(using: &generator) { dims[0] = odd }
      model.graph.initializer[tensor].dims = dims
    case 2 where !model.graph.initializer.isEmpty:
      let tensor = Int.random(in: 0..<model.graph.initializer.count, using: &generator)
      if model.graph.initializer[tensor].dataType == 7 {
        // An integer tensor gets an odd element.
        let size = model.graph.initializer[tensor].rawData.count
        var bytes = Data()
        for _ in 0..<size / 8 {
          bytes.appendLittleEndian(Bool.random(using: &generator) ? odd : Int64.random(in: -2...4, using: &generator))
        }
        model.graph.initializer[tensor].rawData = bytes
      } else {
        model.graph.initializer[tensor].dataType = Int32.random(in: 0...17, using: &generator)
      }
    case 3: model.graph.node[node].opType = (ONNXImporter.operators.keys.sorted().randomElement(using: &generator)) ?? ""
    case 4 where !model.graph.node[node].input.isEmpty:
      let input = Int.random(in: 0..<model.graph.node[node].input.count, using: &generator)
      model.graph.node[node].input[input] = name
    case 5: model.graph.node[node].input.append(name)
    case 6: model.graph.node[node].input = model.graph.node[node].input.dropLast()
    case 7 where !model.graph.node[node].attribute.isEmpty:
      let attribute = Int.random(in: 0..<model.graph.node[node].attribute.count, using: &generator)
      switch model.graph.node[node].attribute[attribute].type {
      case 1: model.graph.node[node].attribute[attribute].f = [.nan, .infinity, -1, 0, 1e38].randomElement(using: &generator) ?? 0
      case 2: model.graph.node[node].attribute[attribute].i = odd
      case 7 where Bool.random(using: &generator): model.graph.node[node].attribute[attribute].ints.append(odd)
      case 7 where !model.graph.node[node].attribute[attribute].ints.isEmpty: model.graph.node[node].attribute[attribute].ints[0] = odd
      default: model.graph.node[node].attribute.remove(at: attribute)
      }
    case 8: model.opsetImport[0].version = Int64.random(in: 6...22, using: &generator)
    case 9 where !model.graph.input.isEmpty && !model.graph.input[0].type.tensorType.shape.dim.isEmpty:
      let axis = Int.random(in: 0..<model.graph.input[0].type.tensorType.shape.dim.count, using: &generator)
      model.graph.input[0].type.tensorType.shape.dim[axis].dimValue = odd
    case 10: model.graph.node[node].attribute.append(ONNXAttribute.integers(["axes", "pads", "split", "perm"][node % 4], [Int(odd), 1]))
    default: model.graph.output[0].name = name
    }
  }

  @Test func archives() throws {
    var generator = SplitMix64(seed: Self.seed)
    var samples = SampleNetworks(seed: 3)
    let data = try NPZNetwork.archive(of: samples.perceptron(layers: 2)).archive.npzData()
    let array = NumPyArray(dimensions: [2, 3], elements: .double([1, 2, 3, 4, 5, 6])).npyData()
    for iteration in 0..<Self.iterations {
      let zip = Self.damaged(data, &generator)
      expectSoundOutcome("archive \(iteration)") { try NPZNetwork.network(from: NumPyArchive(npz: zip, limit: 1 << 20)) }
      let npy = Self.damaged(array, &generator)
      expectSoundOutcome("array \(iteration)") {
        _ = try NumPyArray(npy: npy)
        return nil
      }
    }
  }

  @Test func texts() throws {
    var generator = SplitMix64(seed: Self.seed)
    var archive = NumPyArchive()
    archive.set(NumPyArray(dimensions: [2, 1, 3, 3], elements: .double((0..<18).map(Double.init))), for: "W0")
    archive.set(NumPyArray(dimensions: [2, 8], elements: .double((0..<16).map(Double.init))), for: "W1")
    let yaml = """
      input: [1, 4, 4]
      layers:
        - conv: {weight: W0, stride: 1, padding: [0, 0]}
        - activation: {leakyReLU: 0.1}
        - residual: {layers: [{activation: relu}, {groupSort: 2}]}
        - maxPool: {kernel: 1}
        - flatten
        - dense: W1
      """
    #expect(try Architecture(text: yaml).network(from: archive).outputCount == 2)
    let frozen = archive
    for iteration in 0..<Self.iterations {
      let text = String(decoding: Self.damaged(Data(yaml.utf8), &generator), as: UTF8.self)
      expectSoundOutcome("yaml \(iteration)") { try Architecture(text: text).network(from: frozen, options: Self.options) }
      let nnet = Self.damaged(Data(ModelFileTests.small.utf8), &generator)
      expectSoundOutcome("nnet \(iteration)") { try NNetReader.read(nnet, options: Self.options) }
    }
  }
}
