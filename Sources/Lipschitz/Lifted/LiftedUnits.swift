import LinearAlgebra

/// Where an activation node's units stand among all units, and which of them share a sphere.
struct UnitBlock: Sendable {
  /// The first unit.
  let start: Int
  /// The number of units.
  let count: Int
  /// The units that share a multiplier, or `nil` when each has its own.
  let groups: UnitGroups?
}

/// The passes through the units of an activation node.
///
/// A unit with its own multiplier has the sphere h = c p + d |p| s, |s| = 1. A multiplier that the units of a group g share leaves of their
/// constraints only the sum Σ (h − αp)·(βp − h) ≥ 0, that is |h − c p|_g ≤ |d p|_g in the Frobenius norm of the group's vectors: one sphere for
/// the whole group, h = c p + |d p|_g s with |s|_g = 1, whatever the sectors are.
struct LiftedUnits<Element: LiftedScalar>: Sendable {
  typealias Input = UnsafePointer<Element>
  typealias Output = UnsafeMutablePointer<Element>

  /// The rank r.
  let rank: Int
  /// The middles of all units' sectors.
  let c: [Element]
  /// Half the widths of all units' sectors.
  let d: [Element]

  /// h = c p + d |p| s.
  func forward(_ block: UnitBlock, p: Input, s: Input, h: Output) {
    withSectors(of: block) { c, d in
      if let groups = block.groups {
        groups.withKernelArguments { group, scratch in
          Element.grouped.forward(rank, block.count, groups.count, group, p, s, c.base, d.base, h, scratch)
        }
      } else {
        let (p, s, h) = (SharedInput(base: p), SharedInput(base: s), SharedBuffer(base: h))
        ParallelFor.runRanges(block.count, minimumChunk: 4096) { range in
          Element.lifted.unitsForward(
            rank, block.count, range.lowerBound, range.upperBound, p.base, s.base, c.base, d.base, h.base)
        }
      }
    }
  }

  /// The fixed-point step with momentum; a, the adjoint of h, becomes that of p. All pointers are to the block's first unit.
  func step(
    _ block: UnitBlock, momentum: Element, p: Input, a: Output, s: Output, old: Output, tau: Output, moved: Output
  ) {
    withSectors(of: block) { c, d in
      if let groups = block.groups {
        groups.withKernelArguments { group, scratch in
          Element.grouped.backward(
            rank, block.count, groups.count, group, momentum, p, c.base, d.base, a, s, old, tau, moved, scratch)
        }
      } else {
        let (p, a, s, old) = (SharedInput(base: p), SharedBuffer(base: a), SharedBuffer(base: s), SharedBuffer(base: old))
        let (tau, moved) = (SharedBuffer(base: tau), SharedBuffer(base: moved))
        ParallelFor.runRanges(block.count, minimumChunk: 4096) { range in
          Element.lifted.unitsBackward(
            rank, block.count, range.lowerBound, range.upperBound, momentum, p.base, c.base, d.base, a.base, s.base, old.base, tau.base,
            moved.base)
        }
      }
    }
  }

  /// The gradient g along the spheres and its weights w; a, the adjoint of h, becomes that of p.
  func gradient(_ block: UnitBlock, p: Input, s: Input, a: Output, g: Output, w: Output, tau: Output) {
    withSectors(of: block) { c, d in
      if let groups = block.groups {
        groups.withKernelArguments { group, scratch in
          Element.grouped.gradient(rank, block.count, groups.count, group, p, s, c.base, d.base, a, g, w, tau, scratch)
        }
      } else {
        let (p, s, a, g) = (SharedInput(base: p), SharedInput(base: s), SharedBuffer(base: a), SharedBuffer(base: g))
        let (w, tau) = (SharedBuffer(base: w), SharedBuffer(base: tau))
        ParallelFor.runRanges(block.count, minimumChunk: 4096) { range in
          Element.lifted.unitsGradient(
            rank, block.count, range.lowerBound, range.upperBound, p.base, s.base, c.base, d.base, a.base, g.base, w.base, tau.base)
        }
      }
    }
  }

  private func withSectors(of block: UnitBlock, _ body: (SharedInput<Element>, SharedInput<Element>) -> Void) {
    withPointers(c, d) { c, d in body(SharedInput(base: c + block.start), SharedInput(base: d + block.start)) }
  }
}

extension UnitGroups {
  /// Calls `body` with the units' groups and scratch for three numbers of each group, as the kernels want them.
  func withKernelArguments(_ body: (UnsafePointer<Int>, UnsafeMutablePointer<Double>) -> Void) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 3 * max(1, count)) { scratch in
      scratch.initialize(repeating: 0)
      group.withUnsafeBufferPointer { group in
        guard let group = group.baseAddress, let scratch = scratch.baseAddress else { return }
        body(group, scratch)
      }
    }
  }
}
