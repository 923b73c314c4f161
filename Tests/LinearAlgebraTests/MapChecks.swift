import LinearAlgebra
import Testing

/// The largest absolute difference of two vectors.
func distance<Element: Scalar>(_ x: [Element], _ y: [Element]) -> Double {
  x.count == y.count ? zip(x, y).map { Double(($0 - $1).magnitude) }.max() ?? 0 : .infinity
}

/// A tolerance for sums of a few hundred normal numbers.
func tolerance<Element: Scalar>(_ type: Element.Type) -> Double { Double(Element.ulpOfOne) * 2000 }

/// Checks a map against its explicit matrix, its adjoint against its transpose, and accumulation against addition.
func checkMap<Map: LinearMap>(_ map: Map, batch: Int, seed: UInt64, sourceLocation: SourceLocation = #_sourceLocation) {
  typealias Element = Map.Element
  var random = SplitMix64(seed: seed)
  let dense = map.denseMatrix()
  let x: Matrix<Element> = random.gaussianMatrix(rows: batch, columns: map.inputCount)
  let y: Matrix<Element> = random.gaussianMatrix(rows: batch, columns: map.outputCount)
  let (ax, aty) = (map.apply(x), map.adjoint(y))
  let eps = tolerance(Element.self)
  #expect(distance(ax.elements, Matrix.product(x, dense, transposingRight: true).elements) < eps, sourceLocation: sourceLocation)
  #expect(distance(aty.elements, Matrix.product(y, dense).elements) < eps, sourceLocation: sourceLocation)
  let inner = { (a: [Element], b: [Element]) in zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) } }
  #expect(abs(inner(ax.elements, y.elements) - inner(x.elements, aty.elements)) < 50 * eps, sourceLocation: sourceLocation)
  var (twice, twiceAdjoint) = (ax, aty)
  map.apply(x, to: &twice, accumulating: true)
  map.adjoint(y, to: &twiceAdjoint, accumulating: true)
  #expect(distance(twice.elements, ax.elements.map { 2 * $0 }) < eps, sourceLocation: sourceLocation)
  #expect(distance(twiceAdjoint.elements, aty.elements.map { 2 * $0 }) < eps, sourceLocation: sourceLocation)
}
