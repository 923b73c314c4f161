import Foundation
import LinearAlgebra
import Lipschitz
import Networks

/// The networks of the reference data and what is reported for them.
struct Catalogue {
  private let readings: Readings
  private let tables: [String: [TableRow]]

  /// The catalogue of a folder; networks whose files are absent are left out.
  init(folder: URL) throws {
    readings = Readings(folder: folder)
    tables = Dictionary(grouping: try PublishedTable.rows(path: folder.appendingPathComponent("ppauli_GLipSDP/published_results.csv").path))
    {
      $0.file
    }
  }

  /// Every network, in order of the sources.
  func networks() -> [PublishedNetwork] {
    lipSDP() + eclipse() + digits() + deepPerceptrons() + convolutionStacks() + classifiers() + maxMin()
  }

  private func files(_ subfolder: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: readings.folder.appendingPathComponent(subfolder).path)) ?? []
    return names.filter { $0.hasSuffix(".npz") }.sorted { $0.compare($1, options: .numeric) == .orderedAscending }.map {
      "\(subfolder)/\($0)"
    }
  }

  /// The file's name without folders and ending.
  private static func stem(_ file: String) -> String { URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent }

  /// What our own tables (README of the data) say about a network.
  private func own(_ stem: String) -> [Reference] { OwnTables.references[stem] ?? [] }

  /// What the authors' table says about a file.
  private func published(_ stem: String) -> [Reference] { (tables[stem] ?? []).map(\.reference) }

  // MARK: - Sources

  private func lipSDP() -> [PublishedNetwork] {
    files("arobey1_LipSDP").map { file in
      PublishedNetwork(name: file, reading: "", references: own(Self.stem(file))) { try readings.chain(file) }
    }
  }

  private func eclipse() -> [PublishedNetwork] {
    let root = "YuezhuXu_ECLipsE/"
    let demo = files("YuezhuXu_ECLipsE").map { file in
      PublishedNetwork(name: file, reading: "matrices w1, w2", references: own("demo")) {
        try LipschitzProblem(lowered: Readings.chain(readings.matrices(file, prefix: "w", from: 1)))
      }
    }
    let signed = ["mnist_neurips", "random_genlocal", "random_current_signed"].flatMap { files(root + $0) }.map { file in
      let isLeaky = Self.stem(file).hasSuffix("n128")
      return PublishedNetwork(
        name: file, reading: isLeaky ? "leaky ReLU 0.01" : "",
        references: file.contains("random_current_signed") ? [] : own(Self.stem(file))
      ) { try readings.chain(file, activation: isLeaky ? .leakyReLU(slope: 0.01) : .relu) }
    }
    let elu = files(root + "mnist_genlocal_elu").map { file in
      PublishedNetwork(name: file, reading: "ELU", references: own(Self.stem(file))) {
        try readings.chain(file, activation: .elu(alpha: 1))
      }
    }
    let positive = files(root + "random_neurips_positive").map { file in
      // With weights and units that are never negative, all units on is the worst case: the constant is the norm of the product.
      let exact = (try? readings.matrices(file)).flatMap { weights -> Double? in
        guard let first = weights.first else { return nil }
        return try? weights.dropFirst().reduce(first) { Matrix.product($1, $0) }.spectralNorm()
      }
      let reference = exact.map {
        Reference(method: "exact: norm of the product", value: $0, kind: .optimum, counterpart: "lifted", source: "weights ≥ 0")
      }
      return PublishedNetwork(name: file, reading: "", references: reference.map { [$0] } ?? []) { try readings.chain(file) }
    }
    return demo + signed + elu + positive
  }

  private func digits() -> [PublishedNetwork] {
    files("ppauli_GLipSDP/comparison_digits").map { file in
      let stem = Self.stem(file)
      let isConvolution = stem.hasPrefix("cnn")
      return PublishedNetwork(name: file, reading: "output 7 only", references: own(stem) + published(stem)) {
        isConvolution ? try readings.digitConvolutions(file, row: 7) : try readings.chain(file, row: 7)
      }
    }
  }

  private func deepPerceptrons() -> [PublishedNetwork] {
    files("ppauli_GLipSDP/scalability_mlp").compactMap { file in
      let stem = Self.stem(file)
      guard let depth = Self.number(after: "_L", in: stem).map({ $0 - 1 }) else { return nil }
      return PublishedNetwork(
        name: file, reading: "the transposes of W1 … W\(depth)", references: own(stem) + published(stem)
      ) { try readings.transposedChain(file, depth: depth) }
    }
  }

  private func convolutionStacks() -> [PublishedNetwork] {
    let reading = "on 14 × 14 images, padding 1"
    let trained = files("ppauli_GLipSDP/scalability_cnn").compactMap { file -> PublishedNetwork? in
      let stem = Self.stem(file)
      guard let depth = Self.number(after: "_C", in: stem).map({ $0 - 1 }) else { return nil }
      return PublishedNetwork(name: file, reading: "conv_1 … conv_\(depth) \(reading)", references: published(stem)) {
        try readings.convolutionStack(file, depth: depth, size: 14)
      }
    }
    let random = files("ppauli_GLipSDP/random_cnn2024").compactMap { file -> PublishedNetwork? in
      let stem = Self.stem(file)
      guard let depth = Self.number(after: "_l", in: stem) else { return nil }
      return PublishedNetwork(name: file, reading: "W1 … W\(depth) \(reading)", references: published(stem)) {
        try readings.convolutionStack(file, depth: depth, size: 14)
      }
    }
    return trained + random
  }

  private func classifiers() -> [PublishedNetwork] {
    (files("ppauli_GLipSDP/versatility") + files("ppauli_GLipSDP/history2024_wd")).flatMap { file -> [PublishedNetwork] in
      let stem = Self.stem(file)
      let references = published(stem)
      func network(_ reading: String, _ references: [Reference], _ problem: @escaping () throws -> LipschitzProblem) -> PublishedNetwork {
        PublishedNetwork(name: reading.isEmpty ? file : "\(file) (\(reading))", reading: reading, references: references, problem: problem)
      }
      if stem.contains("LeNet5") {
        let isColour = stem.contains("cifar")
        return [
          network("", references) {
            try readings.leNet(file, channels: isColour ? 3 : 1, size: isColour ? 32 : 28, padding: isColour ? 0 : 2)
          }
        ]
      }
      if stem.contains("2C2F") { return [network("", references) { try readings.twoConvolutions(file) }] }
      let isPerceptron = stem == "FC-R18" || stem.contains("res_fc")
      return [false, true].map { hasFinalReLU in
        let reading = hasFinalReLU ? "with the ReLU after each sum, as trained" : "without the ReLU after each sum, as published"
        let own = hasFinalReLU ? references.map { $0.refuted("the published inequality leaves out the ReLU after the sum") } : references
        return network(reading, own) {
          isPerceptron
            ? try readings.residualPerceptron(file, hasFinalReLU: hasFinalReLU)
            : try readings.residualConvolutions(file, hasFinalReLU: hasFinalReLU)
        }
      }
    }
  }

  private func maxMin() -> [PublishedNetwork] {
    files("ppauli_QCs_MaxMin").map { file in
      let isResidual = Self.stem(file).hasPrefix("res")
      return PublishedNetwork(
        name: file, reading: isResidual ? "MaxMin, x + MaxMin(W x)" : "MaxMin", references: own(Self.stem(file))
      ) { try readings.maxMin(file, isResidual: isResidual) }
    }
  }

  /// The digits that follow a mark in a name.
  private static func number(after mark: String, in text: String) -> Int? {
    guard let range = text.range(of: mark) else { return nil }
    return Int(text[range.upperBound...].prefix { $0.isNumber })
  }
}

extension Reference {
  /// The same value with a reason why it is not about this network.
  fileprivate func refuted(_ reason: String) -> Reference {
    var copy = self
    copy.defect = copy.defect ?? reason
    return copy
  }
}
