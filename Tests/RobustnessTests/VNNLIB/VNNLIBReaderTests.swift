import Foundation
import LinearAlgebra
import Testing

@testable import Robustness

@Suite struct VNNLIBReaderTests {
  private func read(_ text: String, limits: VNNLIBReader.Limits = .init()) throws -> Property {
    try VNNLIBReader.read(Array(text.utf8), limits: limits)
  }

  private static let two = "(declare-const X_0 Real)(declare-const X_1 Real)(declare-const Y_0 Real)(declare-const Y_1 Real)\n"

  @Test func operandsComeInEitherOrder() throws {
    let property = try read(
      Self.two + "(assert (<= 0.5 X_0))(assert (>= 2 X_0)) (assert (and (>= X_1 -1e-2)(<= X_1 1E1)))(assert (>= Y_1 Y_0))")
    #expect(property.version == "1.0" && property.inputCount == 2 && property.outputCount == 2)
    let disjunct = try #require(property.disjuncts.first)
    #expect(property.disjuncts.count == 1)
    #expect(disjunct.box.lower[0] == 0.5 && disjunct.box.upper == [2, 10])
    #expect(disjunct.box.lower[1] == (-0.01).nextDown && disjunct.box.innerLower[1] == -0.01 || disjunct.box.lower[1] == -0.01)
    // Y_0 − Y_1 ≤ 0.
    #expect(
      disjunct.constraints == [
        LinearConstraint(
          inputs: [], outputs: [.init(index: 0, coefficient: Enclosure(1)), .init(index: 1, coefficient: Enclosure(-1))],
          constant: Enclosure(0))
      ])
  }

  /// A variable that a disjunct does not bound has the declared box, not the one of the disjunct before it.
  @Test func disjunctsInheritTheCommonBox() throws {
    let property = try read(
      Self.two + """
        (assert (>= X_0 -1))(assert (<= X_0 1))(assert (>= X_1 -1))(assert (<= X_1 1))
        (assert (or (and (<= X_0 0.5)(>= Y_0 1))\r\n(and (>= X_1 0.25)(<= Y_0 0))(and (>= X_1 2)(<= Y_0 0))))
        """)
    #expect(property.disjuncts.map(\.box.lower) == [[-1, -1], [-1, 0.25]])
    #expect(property.disjuncts.map(\.box.upper) == [[0.5, 1], [1, 1]])
  }

  @Test func assertionsAreMultipliedOut() throws {
    let or = "(assert (or (<= Y_0 0)(<= Y_1 0)(and (>= Y_0 1)(>= Y_1 1))))"
    let property = try read(Self.two + "(assert (<= X_0 1))" + or + or)
    #expect(property.disjuncts.count == 9)
    #expect(property.disjuncts.map(\.constraints.count).sorted() == [2, 2, 2, 2, 3, 3, 3, 3, 4])
  }

  @Test func formulasAsPointSetsAgree() throws {
    // A random formula, evaluated directly and as a union of boxes and constraints.
    var generator = SplitMix64(seed: 4)
    for _ in 0..<60 {
      let tree = Tree.random(depth: 3, using: &generator)
      let property = try read(Self.two + "(assert \(tree.text))(assert (<= X_0 8))")
      for _ in 0..<40 {
        let values = (0..<4).map { _ in Double(Int.random(in: -4...4, using: &generator)) / 2 }
        let isInside = property.disjuncts.contains { disjunct in
          (0..<2).allSatisfy { disjunct.box.innerLower[$0] <= values[$0] && values[$0] <= disjunct.box.innerUpper[$0] }
            && disjunct.constraints.allSatisfy {
              $0.isSatisfied(inputs: { Enclosure(values[$0]) }, outputs: { Enclosure(values[2 + $0]) })
            }
        }
        #expect(isInside == tree.holds(values), "\(tree.text) at \(values)")
      }
    }
  }

  private indirect enum Tree {
    case less(Int, String, [Double], Double)
    case all([Tree])
    case any([Tree])

    static func random(depth: Int, using generator: inout SplitMix64) -> Tree {
      if depth == 0 || Int.random(in: 0..<3, using: &generator) == 0 {
        let coefficients = (0..<4).map { _ in Double(Int.random(in: -1...1, using: &generator)) }
        let signs = ["<=", ">=", "<", ">", "==", "!="]
        return .less(
          0, signs[Int.random(in: 0..<6, using: &generator)], coefficients, Double(Int.random(in: -3...3, using: &generator)) / 2)
      }
      let parts = (0..<Int.random(in: 1...3, using: &generator)).map { _ in random(depth: depth - 1, using: &generator) }
      return Bool.random(using: &generator) ? .all(parts) : .any(parts)
    }

    var text: String {
      switch self {
      case .less(_, let sign, let c, let k):
        "(\(sign) (+ (* \(c[0]) X_0) (* X_1 \(c[1])) (- (* \(-c[2]) Y_0)) (* \(c[3]) Y_1)) \(k))"
      case .all(let parts): "(and \(parts.map(\.text).joined()))"
      case .any(let parts): "(or \(parts.map(\.text).joined(separator: " ")))"
      }
    }

    func holds(_ x: [Double]) -> Bool {
      switch self {
      case .less(_, let sign, let c, let k):
        let value = zip(c, x).reduce(0) { $0 + $1.0 * $1.1 }
        return switch sign {
        case "<=": value <= k
        case ">=": value >= k
        case "<": value < k
        case ">": value > k
        case "==": value == k
        default: value != k
        }
      case .all(let parts): return parts.allSatisfy { $0.holds(x) }
      case .any(let parts): return parts.contains { $0.holds(x) }
      }
    }
  }

  @Test func failuresNameLineAndColumn() throws {
    func failure(_ text: String) -> VNNLIBError? {
      do {
        _ = try read(text)
        return nil
      } catch { return error as? VNNLIBError }
    }
    let first = failure("(declare-const X_0 Real)\n(declare-const Y_0 Real)\n  (assert (<= X_7 1))")
    #expect(first?.line == 3 && first?.column == 15 && first?.kind == .malformed)
    let second = failure("(declare-const X_0 Real)\n(declare-const Y_0 Real)\n(assert (<= (* X_0 Y_0) 1))")
    #expect(second?.line == 3 && second?.column == 20 && second?.kind == .unsupported)
    #expect(failure("(declare-const X_0 Real)(declare-const X_2 Real)(declare-const Y_0 Real)")?.reason.contains("X_1") == true)
    #expect(failure("(declare-const X_0 Real)(declare-const Y_0 Real)(assert (xor (<= X_0 1)))")?.kind == .unsupported)
    #expect(failure("(declare-sore X_0 Real)")?.kind == .unsupported)
    for text in [
      "", "(", ")", "(assert)", "(assert (<= 1))", "(declare-const X_0)", "(assert (<= 1 2)", "(vnnlib-version 2)",
      "(declare-const X_0 Real) 5",
    ] {
      #expect(failure(text) != nil, "\(text)")
    }
  }

  @Test func limitsHold() throws {
    var limits = VNNLIBReader.Limits()
    limits.comparisons = 1000
    let or = "(assert (or (<= Y_0 0)(<= Y_1 0)))"
    let many = Self.two + String(repeating: or, count: 60)
    #expect { try read(many, limits: limits) } throws: { ($0 as? VNNLIBError)?.kind == .tooLarge }
    let deep = Self.two + "(assert " + String(repeating: "(and ", count: 100_000) + "(<= X_0 1)"
    #expect { try read(deep) } throws: { ($0 as? VNNLIBError)?.kind == .tooLarge }
    let nested = Self.two + "(assert (<= " + String(repeating: "(- ", count: 100_000)
    #expect { try read(nested) } throws: { ($0 as? VNNLIBError)?.kind == .tooLarge }
  }

  // MARK: - Version 2.0

  private func read2(_ declarations: String, _ assertions: String = "", version: String = "2.0") throws -> Property {
    try read("(vnnlib-version <\(version)>) ; comment (\n(declare-network f \(declarations))\n\(assertions)")
  }

  @Test func tensorsAreIndexed() throws {
    let property = try read2(
      "(declare-input A float32 [2, 3])(declare-input B float32 [2])(declare-output Y float32 [])",
      "(assert (<= A[1,2] 3)) (assert (>= B[ 0 ] 1)) (assert (!= Y 0))")
    #expect(property.inputs.map(\.count) == [6, 2] && property.outputCount == 1 && !property.isAboutReals)
    #expect(property.disjuncts.count == 2)
    #expect(property.disjuncts.allSatisfy { $0.box.upper[5] == 3 && $0.box.lower[6] == 1 && $0.constraints[0].isStrict })
    #expect(property.name(of: 5, isInput: true) == "A[1,2]" && property.name(of: 0, isInput: false) == "Y")
  }

  @Test(arguments: [
    "(declare-input X real [2])(declare-hidden H real [1] \"node\")(declare-output Y real [1])",
    "(equal-to g)(declare-input X real [2])(declare-output Y real [1])",
    "(declare-input X int8 [2])(declare-output Y real [1])",
  ])
  func whatIsNotSupportedIsSaid(_ declarations: String) {
    #expect { try read2(declarations) } throws: { ($0 as? VNNLIBError)?.kind == .unsupported && ($0 as? VNNLIBError)?.line == 2 }
  }

  @Test(arguments: [
    "(assert (<= X[2] 1))", "(assert (<= X 1))", "(assert (<= X[0,0] 1))", "(assert (<= X[-1] 1))", "(assert (X[0] < X[1]))",
    "(declare-const X_0 Real)", "(assert (<= Z[0] 1))", "(vnnlib-version <2.0>)",
  ])
  func whatIsMalformedIsRefused(_ assertion: String) {
    #expect(throws: VNNLIBError.self) { try read2("(declare-input X real [2])(declare-output Y real [1])", assertion) }
  }

  @Test func initializedBelongsToVersion21() throws {
    let declarations = "(declare-input X Real [5] initialized)(declare-output Y Real [5])"
    #expect(throws: VNNLIBError.self) { try read2(declarations) }
    #expect(try read2(declarations, version: "2.1").inputCount == 5)
  }

  // MARK: - Fuzz

  @Test func anyBytesGiveAValueOrAnError() {
    var generator = SplitMix64(seed: 5)
    let seeds = [
      Self.two + "(assert (or (and (>= X_0 0.5)(<= Y_0 Y_1))(<= (+ X_1 1) (* 2 Y_0))))",
      "(vnnlib-version <2.0>)(declare-network f (declare-input X real [2,2])(declare-output Y real []))(assert (<= X[0,1] Y))",
    ].map { Array($0.utf8) }
    let pieces = [
      "(", ")", "[", "]", ",", "\"", ";", " ", "\n", "assert", "or", "-", "1e9999", "X_99999999", "[99999999,99999999]", "<2.0>", "\u{0}",
      "é",
    ]
    for _ in 0..<3000 {
      var bytes = seeds[Int.random(in: 0..<2, using: &generator)]
      for _ in 0..<Int.random(in: 1...6, using: &generator) {
        let place = Int.random(in: 0...bytes.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bytes.insert(contentsOf: pieces[Int.random(in: 0..<pieces.count, using: &generator)].utf8, at: place)
        case 1 where place < bytes.count: bytes.remove(at: place)
        case 2 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        default: bytes = Array(bytes.prefix(place))
        }
      }
      do {
        let property = try VNNLIBReader.read(bytes)
        #expect(property.inputCount > 0 && property.disjuncts.allSatisfy { !$0.box.isEmpty })
      } catch {
        #expect(error is VNNLIBError)
      }
    }
  }
}
