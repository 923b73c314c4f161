import CommandLineSupport
import ConicPrograms
import ConicSolver
import Foundation
import Lipschitz
import Reports

/// What is known about a semidefinite program before it is solved.
struct SemidefiniteProgramFacts {
  let path: String
  let settings: ConicSettings
  let variables: Int
  let entries: Int
  let blocks: [LinearMatrixInequality.Block]
  let warnings: [String]

  init(path: String, file: SDPAFile, settings: ConicSettings) {
    (self.path, self.settings) = (path, settings)
    let inequality = file.inequality
    variables = inequality.variableCount
    entries = inequality.constant.count + inequality.coefficients.reduce(0) { $0 + $1.count }
    blocks = inequality.blocks
    warnings =
      switch file.duplicateCount {
      case 0: []
      case 1: ["an entry stands at a place of its matrix that has one already; the two are added"]
      case let count: ["\(Quantity.count(count)) entries stand at places of their matrices that have one already; they are added"]
      }
  }

  /// The order n of the matrices.
  var order: Int { blocks.reduce(0) { $0 + $1.order } }

  var name: String { URL(fileURLWithPath: path).lastPathComponent }

  /// The blocks, shortly: "6x2+1+diag(174)".
  var blockWords: String {
    var runs: [(word: String, count: Int)] = []
    for block in blocks {
      let word =
        switch block {
        case .symmetric(let order): "\(order)"
        case .diagonal(let order): "diag(\(order))"
        }
      if runs.last?.word == word { runs[runs.count - 1].count += 1 } else { runs.append((word, 1)) }
    }
    let words = runs.map { $0.count == 1 ? $0.word : "\($0.count)x\($0.word)" }
    return words.count > 8 ? words.prefix(4).joined(separator: "+") + "+...+" + (words.last ?? "") : words.joined(separator: "+")
  }

  /// Sizes, cones, settings and the software, a line each.
  var header: [String] {
    let limits = [
      settings.timeLimit.isFinite ? "time limit \(Quantity.seconds(settings.timeLimit)) s" : nil,
      "iteration limit \(Quantity.count(settings.maximumIterations))",
    ]
    let machine = Machine.current
    return [
      "\(path): \(Quantity.counted(variables, "variable")), matrices of order \(Quantity.count(order)), "
        + (entries == 1 ? "1 entry" : "\(Quantity.count(entries)) entries"),
      "problem   (P) min c'x, X = x_1 F_1 + ... + x_m F_m - F_0 psd; (D) max <F_0, Y>, <F_i, Y> = c_i, Y psd (as in the file)",
      "blocks    \(blocks.isEmpty ? "none" : blockWords)",
      "settings  method \(settings.method.rawValue), tolerance \(settings.tolerance), decomposition \(settings.decomposition.rawValue), "
        + limits.compactMap { $0 }.joined(separator: ", "),
      "software  lipcert \(Version.current), \(Quantity.counted(machine.threads, "thread")) on "
        + "\(Quantity.counted(machine.cores, "core")), \(machine.shortBLAS)",
    ]
  }
}
