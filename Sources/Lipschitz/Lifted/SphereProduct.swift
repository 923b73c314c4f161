import Certificates
import LinearAlgebra
import Networks

/// The set on which the lifted iteration moves: one sphere for every activation unit's vector s, or for the vectors of a group of units, and V₀.
///
/// Points and directions are arrays in the layout of ``LiftedPasses``. For the l₂ norm V₀ is one point of a sphere, |V₀|_F = 1; for l_∞ every
/// input coordinate has its own. For l₁ all inputs share one set of multipliers, the gain's diagonal is what counts, and the dual asks for
/// V₀′V₀ = diag(w), Σ w = 1: up to a rotation V₀ has entries at row i, column i only, on one sphere, and the rank exceeds the number of inputs.
struct SphereProduct<Element: LiftedScalar> {
  typealias Pointer = UnsafePointer<Element>
  typealias MutablePointer = UnsafeMutablePointer<Element>

  private let rank: Int
  private let blocks: [UnitBlock]
  private let unitCount: Int
  private let inputSize: Int
  private let hasInputSphere: Bool
  private let isInputDiagonal: Bool

  /// The number of elements of a point.
  let count: Int

  /// The spheres of a network's lifted points.
  init(_ passes: LiftedPasses<Element>, norm: InputNorm) {
    rank = passes.rank
    unitCount = passes.unitCount
    inputSize = passes.rank * passes.inputCount
    count = passes.pointCount
    hasInputSphere = norm.hasOneWeight
    isInputDiagonal = norm == .l1
    let inputs = UnitBlock(start: passes.unitCount, count: passes.inputCount, groups: nil)
    blocks = hasInputSphere ? passes.blocks : passes.blocks + [inputs]
  }

  /// The number of factors that scale the spheres: one for each unit, equal within a group, then the input's.
  var sphereCount: Int { unitCount + (hasInputSphere ? 1 : inputSize / max(1, rank)) }

  /// Moves from x along t z and back onto the spheres.
  func retract(_ x: Pointer, _ t: Element, _ z: Pointer, to result: MutablePointer) {
    for block in blocks {
      let first = rank * block.start
      if let groups = block.groups {
        groups.withKernelArguments { group, scratch in
          Element.grouped.retract(rank, block.count, groups.count, group, t, x + first, z + first, result + first, scratch)
        }
      } else {
        Element.lifted.retract(rank, block.count, t, x + first, z + first, result + first)
      }
    }
    guard hasInputSphere else { return }
    let first = rank * unitCount
    for i in first..<first + inputSize { result[i] = x[i] + t * z[i] }
    normaliseInput(result + first)
  }

  /// Scales a vector in place of V₀ onto its spheres, without what V₀ must not have.
  func normaliseInput(_ v: MutablePointer) {
    restrictInput(v)
    guard hasInputSphere else {
      Element.lifted.retract(rank, inputSize / max(1, rank), 0, v, v, v)
      return
    }
    let length = Element.lifted.dot(inputSize, v, v).squareRoot()
    guard length > 0 else { return }
    let scale = Element(1 / length)
    for i in 0..<inputSize { v[i] *= scale }
  }

  /// Removes from a vector in place of V₀ what stands off the diagonal, for l₁.
  private func restrictInput(_ v: MutablePointer) {
    guard isInputDiagonal else { return }
    let columns = inputSize / max(1, rank)
    for i in 0..<inputSize where i / columns != i % columns { v[i] = 0 }
  }

  /// Removes from z what is normal to the spheres at x.
  func project(_ z: MutablePointer, at x: Pointer) {
    for block in blocks {
      let first = rank * block.start
      if let groups = block.groups {
        groups.withKernelArguments { group, scratch in
          Element.grouped.project(rank, block.count, groups.count, group, x + first, z + first, scratch)
        }
      } else {
        Element.lifted.project(rank, block.count, x + first, z + first)
      }
    }
    guard hasInputSphere else { return }
    let first = rank * unitCount
    let along = Element(-Element.lifted.dot(inputSize, x + first, z + first))
    _ = Element.lifted.addThenDot(inputSize, along, x + first, z + first, x + first)
  }

  /// Multiplies every sphere's part of z by its factor.
  func scale(_ z: Pointer, by factors: Pointer, to result: MutablePointer) {
    for block in blocks {
      let first = rank * block.start
      Element.lifted.scale(rank, block.count, factors + block.start, z + first, result + first)
    }
    guard hasInputSphere else { return }
    let factor = factors[unitCount]
    for i in rank * unitCount..<count { result[i] = factor * z[i] }
  }

  /// Σ h |z|² over the spheres.
  func weightedSquares(_ z: Pointer, by factors: Pointer) -> Double {
    var scaled = [Element](repeating: 0, count: count)
    return scaled.withUnsafeMutableBufferPointer { scaled in
      guard let scaled = scaled.baseAddress else { return 0 }
      scale(z, by: factors, to: scaled)
      return Element.lifted.dot(count, z, scaled)
    }
  }

  /// Copies the input's adjoint A₀ to its place in a vector and its lengths to their places among the spheres.
  func enterInput(_ adjoint: Matrix<Element>, into vector: MutablePointer, weights: MutablePointer) {
    let place = UnsafeMutableBufferPointer(start: vector + rank * unitCount, count: inputSize)
    _ = place.update(fromContentsOf: adjoint.elements)
    if hasInputSphere {
      restrictInput(vector + rank * unitCount)
      let own = Element.lifted.dot(inputSize, vector + rank * unitCount, vector + rank * unitCount)
      weights[unitCount] = Element(own.squareRoot())
    } else {
      for (i, length) in adjoint.columnNorms().enumerated() { weights[unitCount + i] = length }
    }
  }
}
