import LinearAlgebra

extension LoweredNetwork.Units {
  /// φ of every element; column i is unit i.
  public func values<Element: Scalar>(_ p: Matrix<Element>) -> Matrix<Element> {
    switch self {
    case .uniform(let activation): activation.values(p)
    case .leakyReLU(let slopes): p.mappedColumns(slopes.map { Element($0) }) { $0 < 0 ? $1 * $0 : $0 }
    }
  }

  /// φ′ of every element; column i is unit i.
  public func derivatives<Element: Scalar>(_ p: Matrix<Element>) -> Matrix<Element> {
    switch self {
    case .uniform(let activation): activation.derivatives(p)
    case .leakyReLU(let slopes): p.mappedColumns(slopes.map { Element($0) }) { $0 > 0 ? 1 : $1 }
    }
  }

  /// The activation function of unit `index`.
  public func activation(of index: Int) -> Activation {
    switch self {
    case .uniform(let activation): activation
    case .leakyReLU(let slopes): .leakyReLU(slope: slopes[index])
    }
  }

  /// The global sectors of `count` units.
  public func globalSectors(count: Int) -> [Sector] {
    switch self {
    case .uniform(let activation): Array(repeating: activation.globalSector, count: count)
    case .leakyReLU(let slopes): slopes.map { Activation.leakyReLU(slope: $0).globalSector }
    }
  }
}
