import ConicPrograms
import LinearAlgebra
import Testing

@Suite struct SymmetricVectorTests {
  @Test(arguments: [0, 1, 2, 5, 17]) func isometryAndRoundTrip(order: Int) {
    var generator = SplitMix64(seed: UInt64(order) + 1)
    func symmetric() -> Matrix<Double> {
      var a = Matrix<Double>(rows: order, columns: order)
      for i in 0..<order {
        for j in 0...i {
          a[i, j] = Double.random(in: -1...1, using: &generator)
          a[j, i] = a[i, j]
        }
      }
      return a
    }
    let (a, b) = (symmetric(), symmetric())
    let (u, v) = (SymmetricVector.vector(a), SymmetricVector.vector(b))
    let frobenius = zip(a.elements, b.elements).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(zip(u, v).reduce(0) { $0 + $1.0 * $1.1 } - frobenius) < 1e-13 * Double(order * order + 1))
    let back = SymmetricVector.matrix(u[...], order: order)
    #expect(zip(back.elements, a.elements).allSatisfy { abs($0 - $1) < 1e-15 })
    for k in u.indices {
      let (row, column) = SymmetricVector.entry(at: k)
      #expect(row <= column && SymmetricVector.index(row, column) == k && SymmetricVector.index(column, row) == k)
    }
  }
}
