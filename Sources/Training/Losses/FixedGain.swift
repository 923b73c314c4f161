import LinearAlgebra
import Networks

/// A layer without parameters that stretches distances by at most a known factor (l₂).
public protocol FixedGain {
  /// A Lipschitz constant on inputs of a shape.
  func gain(on input: FeatureShape) -> Double
}

extension ActivationLayer: FixedGain {
  /// The steepest slope.
  public func gain(on input: FeatureShape) -> Double {
    let slopes = activation.globalSector
    return max(abs(slopes.lower), abs(slopes.upper))
  }
}

extension FlattenLayer: FixedGain {
  /// 1: a permutation.
  public func gain(on input: FeatureShape) -> Double { 1 }
}

extension MaximumPoolLayer: FixedGain {
  /// The square root of the number of windows that a pixel is in: 1 where they do not overlap.
  public func gain(on input: FeatureShape) -> Double {
    func overlaps(_ length: Int, _ stride: Int) -> Double { Double((length + stride - 1) / stride) }
    return (overlaps(window.height, window.strideHeight) * overlaps(window.width, window.strideWidth)).squareRoot()
  }
}

extension GroupSortLayer: FixedGain {
  /// 1: a permutation that depends on the input.
  public func gain(on input: FeatureShape) -> Double { 1 }
}

extension MaxMinLayer: FixedGain {
  /// 1: a permutation that depends on the input.
  public func gain(on input: FeatureShape) -> Double { 1 }
}

extension InputNormalizationLayer: FixedGain {
  /// The inverse of the smallest deviation.
  public func gain(on input: FeatureShape) -> Double { deviation.reduce(0) { max($0, 1 / Double($1)) } }
}

extension GaussianNoiseLayer: FixedGain {
  /// 1: the deployed layer is the identity.
  public func gain(on input: FeatureShape) -> Double { 1 }
}

extension DropoutLayer: FixedGain {
  /// 1: the deployed layer is the identity.
  public func gain(on input: FeatureShape) -> Double { 1 }
}
