import Certificates

/// How far the outputs of two models can be apart: proved from above and found from below, on regions around samples or on one box.
public struct ModelDifference: Codable, Sendable, Equatable {
  /// One region of inputs.
  public struct Place: Codable, Sendable, Equatable {
    /// The sample in its middle, or `nil` for the box of all inputs.
    public var sample: Int?
    /// No output of the two differs by more than this at any x of the region; `nil` when nothing was proved.
    public var bound: Double?
    /// The largest difference of an output that was found at some x of the region.
    public var attained: Double?
    /// How the bound was proved: `increments` or `propagation`.
    public var method: String?
    /// Why there is no bound.
    public var note: String?

    /// Collects the parts.
    public init(sample: Int?, bound: Double?, attained: Double?, method: String? = nil, note: String? = nil) {
      func finite(_ value: Double?) -> Double? { value.flatMap { $0.isFinite ? $0 : nil } }
      (self.sample, self.bound, self.attained) = (sample, finite(bound), finite(attained))
      (self.method, self.note) = (method, note)
    }
  }

  /// What the model is called.
  public var model: String
  /// What the other one is called.
  public var reference: String
  /// The norm of the regions.
  public var norm: InputNorm
  /// The regions' radius, or `nil` for one box.
  public var radius: Double?
  /// The least and the greatest value of an input, which regions are cut to; `nil` for any.
  public var domain: [Double]?
  /// The regions.
  public var places: [Place]
  /// Seconds by the clock.
  public var seconds: Double

  /// Collects the parts.
  public init(
    model: String, reference: String, norm: InputNorm, radius: Double?, domain: ClosedRange<Double>?, places: [Place], seconds: Double
  ) {
    (self.model, self.reference, self.norm, self.radius, self.places) = (model, reference, norm, radius, places)
    (self.domain, self.seconds) = (domain.map { [$0.lowerBound, $0.upperBound] }, seconds)
  }

  /// The greatest bound, which holds on all regions; `nil` when one of them has none.
  public var largestBound: Double? {
    let bounds = places.compactMap(\.bound)
    return bounds.count == places.count ? bounds.max() : nil
  }

  /// The greatest difference found.
  public var largestAttained: Double? { places.compactMap(\.attained).max() }

  /// Whether somewhere more was found than was proved to be possible: then the program is wrong.
  public var isContradiction: Bool {
    places.contains { place in
      guard let bound = place.bound, let attained = place.attained else { return false }
      return !(attained <= bound)
    }
  }
}
