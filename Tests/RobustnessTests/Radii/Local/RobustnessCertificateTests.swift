import Certificates
import Foundation
import LinearAlgebra
import Lipschitz
import Networks
import Robustness
import Testing

@Suite("Certificates of radii")
struct RobustnessCertificateTests {
  private let classifier: Classifier
  private let certificate: RobustnessCertificate

  init() throws {
    classifier = try Classifier(try NetworkBuilders.multilayerPerceptron(widths: [4, 8, 6, 3], seed: 2))
    let input = [0.5, -1, 0.25, 2]
    let problem = try RadiusProblem(classifier, input: input, label: classifier.answer(input))
    var budget = Budget()
    budget.tolerance = 0.01
    certificate = try #require(try LocalRadius().radius(of: problem, ceiling: nil, budget: budget).certificate)
  }

  /// The certificate with a change and a seal that fits it.
  private func altered(_ change: (inout RobustnessCertificate) -> Void) -> RobustnessCertificate {
    var result = certificate
    change(&result)
    result.seal = result.contentDigest
    return result
  }

  private func isProved(_ certificate: RobustnessCertificate, by network: LoweredNetwork? = nil) -> Bool {
    do {
      try RobustnessChecker.check(certificate, of: network ?? classifier.lowered)
      return true
    } catch {
      #expect(error is NotProved)
      return false
    }
  }

  @Test("It is proved, and rests on a quadratic proof")
  func good() {
    #expect(isProved(certificate))
    #expect(certificate.rivals.contains { $0.proof.name == "quadratic" })
  }

  @Test("Statements that are not proved are refused")
  func statements() throws {
    #expect(!isProved(altered { $0.statement.radius *= 1.05 }))
    #expect(!isProved(altered { $0.statement.radius = .nan }))
    #expect(!isProved(altered { $0.statement.radius = -1 }))
    #expect(!isProved(altered { $0.statement.label = ($0.statement.label + 1) % 3 }))
    #expect(!isProved(altered { $0.statement.label = 3 }))
    #expect(!isProved(altered { $0.statement.label = -1 }))
    #expect(!isProved(altered { $0.statement.center[0] += 1 }))
    #expect(!isProved(altered { $0.statement.center[0] = .nan }))
    #expect(!isProved(altered { $0.statement.center.removeLast() }))
    #expect(!isProved(altered { $0.statement.norm = .lInfinity }))
    #expect(!isProved(altered { $0.statement.norm = .l1 }))
    #expect(!isProved(altered { $0.statement.domain = [0, 1] }))
    #expect(!isProved(altered { $0.statement.arithmetic = "float32" }))
    #expect(!isProved(altered { $0.model.sha256 = "0" }))
    #expect(!isProved(altered { $0.version = 2 }))
    var unsealed = certificate
    unsealed.statement.radius *= 0.5
    #expect(!isProved(unsealed))
    let other = try NetworkBuilders.multilayerPerceptron(widths: [4, 8, 6, 3], seed: 3).lowered()
    #expect(!isProved(certificate, by: other))
  }

  @Test("Proofs that are missing, for another class or not numbers are refused")
  func proofs() {
    #expect(!isProved(altered { $0.rivals.removeLast() }))
    #expect(!isProved(altered { $0.rivals.reverse() }))
    #expect(!isProved(altered { $0.rivals[0].rival = 7 }))
    #expect(!isProved(altered { for i in $0.rivals.indices { $0.rivals[i].proof = .linear(nil) } }))
    func quadratic(_ change: @escaping (inout RobustnessCertificate.Quadratic) -> Void) -> RobustnessCertificate {
      altered { certificate in
        for i in certificate.rivals.indices {
          guard case .quadratic(var proof) = certificate.rivals[i].proof else { continue }
          change(&proof)
          certificate.rivals[i].proof = .quadratic(proof)
        }
      }
    }
    for bad in [Double.nan, .infinity, -1, 0, 1e300] { #expect(!isProved(quadratic { $0.weight = bad })) }
    for bad in [Double.nan, .infinity, -.infinity, 1e300] { #expect(!isProved(quadratic { $0.nodes[0].forms[0] = bad })) }
    #expect(!isProved(quadratic { $0.nodes[0].forms[0] = 1e3 }))
    #expect(!isProved(quadratic { $0.nodes[0].forms.removeLast() }))
    #expect(!isProved(quadratic { $0.nodes[0].units.removeLast() }))
    #expect(!isProved(quadratic { $0.nodes = [] }))
    #expect(!isProved(quadratic { for k in $0.nodes.indices { $0.nodes[k].node += 1000 } }))
    #expect(!isProved(quadratic { for k in $0.nodes.indices { $0.nodes[k].units = $0.nodes[k].units.map { -$0 - 1 } } }))
  }

  @Test("A global bound proves a rival when it times the radius is below the margin")
  func global() throws {
    let problem = try LipschitzProblem(lowered: classifier.lowered)
    let label = certificate.statement.label
    var rivals: [RobustnessCertificate.Rival] = []
    var radius = Double.infinity
    let margins = classifier.margins(label, at: Matrix(rows: 1, columns: 4, elements: certificate.statement.center)).elements
    for (margin, rival) in zip(margins, classifier.rivals(of: label)) {
      let estimate = try LiftedEstimator().estimate(try problem.selecting(.difference(label, rival)), budget: Budget()) { _ in }
      let bound = try #require(estimate.certificate)
      radius = min(radius, 0.999 * margin / bound.statement.bound)
      rivals.append(.init(rival: rival, proof: .global(bound)))
    }
    let good = altered {
      $0.rivals = rivals
      $0.statement.radius = radius
    }
    #expect(isProved(good))
    #expect(try RobustnessCertificate(decoding: good.encoded()) == good)
    #expect(
      !isProved(
        altered {
          $0.rivals = rivals; $0.statement.radius = 1.01 * radius
        }))
    // The bounds of two pairs swapped.
    let swapped = zip(rivals, rivals.reversed()).map { RobustnessCertificate.Rival(rival: $0.rival, proof: $1.proof) }
    #expect(
      !isProved(
        altered {
          $0.rivals = swapped; $0.statement.radius = radius
        }))
  }

  @Test("Linear proofs hold on boxes")
  func boxes() throws {
    let center = certificate.statement.center
    let label = certificate.statement.label
    let rows = classifier.marginRows(label)
    let radius = RadiusSearch.largest(from: 0.01, tolerance: 0.01) { radius in
      let region = Region.around(center, radius: radius, norm: .lInfinity)
      return (try? BoundPropagation(classifier.lowered, region: region).lowerBounds(of: rows).allSatisfy { $0 > 0 }) ?? false
    }
    #expect(radius > 0)
    let box = RobustnessCertificate(
      generator: "tests", network: classifier.lowered, statement: .init(norm: .lInfinity, center: center, radius: radius, label: label),
      rivals: classifier.rivals(of: label).map { .init(rival: $0, proof: .linear(nil)) })
    #expect(isProved(box))
    var larger = box
    larger.statement.radius *= 1.1
    larger.seal = larger.contentDigest
    #expect(!isProved(larger))
  }

  @Test("Every truncation is malformed; changed bytes give an error, or a certificate that is not proved unless only names changed")
  func bytes() throws {
    let data = try certificate.encoded()
    for count in stride(from: 0, to: data.count - 1, by: 37) {
      #expect(throws: CertificateError.self) { try RobustnessCertificate(decoding: data.prefix(count)) }
    }
    var random = SplitMix64(seed: 8)
    for _ in 0..<400 {
      var bytes = data
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      do {
        let read = try RobustnessCertificate(decoding: bytes)
        guard isProved(read) else { continue }
        #expect(read.statement == certificate.statement && read.rivals == certificate.rivals)
      } catch {
        #expect(error is CertificateError)
      }
    }
  }
}
