import ConicPrograms

extension LipschitzInequality {
  /// The point of this inequality's program that corresponds to one of the same inequality in another scale.
  ///
  /// With powers of two for scales nothing is rounded.
  func adapted(_ point: ConicPoint, from old: LipschitzInequality) -> ConicPoint {
    var result = point
    for i in result.x.indices { result.x[i] *= old.variableScales[i] / variableScales[i] }
    let ratio = zip(coordinateScales, old.coordinateScales).map { $0 / $1 }
    let dual = old.squaredBoundScale / squaredBoundScale
    var k = 0
    for j in ratio.indices {
      for i in 0...j {
        let factor = ratio[i] * ratio[j]
        result.s[k] *= factor
        result.z[k] *= dual / factor
        k += 1
      }
    }
    return result
  }
}
