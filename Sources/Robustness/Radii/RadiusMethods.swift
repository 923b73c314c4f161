/// The radius methods by id, and what there is to know about each: the one place that help texts, reports and lists take it from.
public enum RadiusMethods {
  /// What a method does, in a line, and whose idea it is.
  public struct Facts: Sendable, Equatable {
    /// The id, as in `--method` or `--attack`.
    public let name: String
    /// What it does.
    public let summary: String
    /// Authors, title and identifier of the work it follows.
    public let reference: String
  }

  /// One row of the table.
  private struct Entry {
    let facts: Facts
    let make: @Sendable (RadiusMethodSettings) -> any RadiusMethod

    init(_ name: String, _ summary: String, _ reference: String, make: @escaping @Sendable (RadiusMethodSettings) -> any RadiusMethod) {
      facts = Facts(name: name, summary: summary, reference: reference)
      self.make = make
    }
  }

  /// Every method, in the order of tables: from quick to thorough.
  private static let table = [
    Entry(
      "global",
      "The margin over each rival, divided by its Lipschitz constant over all inputs; constants are certified once for all inputs.",
      "Tsuzuku, Sato, Sugiyama: Lipschitz-margin training, NeurIPS 2018, arXiv 1802.04034; constants by this project's lifted solver."
    ) { GlobalRadius(folder: $0.certificates, tolerance: $0.constantTolerance) },
    Entry(
      "ibp", "Interval arithmetic from layer to layer; bisection.",
      "Gowal et al.: On the effectiveness of interval bound propagation, arXiv 1810.12715."
    ) { _ in IntervalRadius() },
    Entry(
      "crown", "Linear bounds carried backwards, each activation between two lines; bisection.",
      "Zhang, Weng, Chen, Hsieh, Daniel: Efficient neural network robustness certification, NeurIPS 2018, arXiv 1811.00866; on graphs: Xu et "
        + "al.: Automatic perturbation analysis, NeurIPS 2020, arXiv 2002.12920."
    ) { _ in LinearRadius() },
    Entry(
      "alpha-crown", "The same with slopes optimised for every rival and every unit.",
      "Xu, Zhang, Wang, Wang, Jana, Lin, Hsieh: Fast and complete, ICLR 2021, arXiv 2011.13824."
    ) { _ in OptimizedLinearRadius() },
    Entry(
      "local",
      "l2: linear bounds on the ball, and a semidefinite program over the units that are undecided there; each radius has a certificate.",
      "Anchored sectors in the program of Fazlyab et al., NeurIPS 2019, arXiv 1906.04893, with the linear constraints of Raghunathan et al., "
        + "NeurIPS 2018, arXiv 1811.01057."
    ) { _ in LocalRadius() },
    Entry(
      "lp", "l_inf: the linear relaxation of the network, intervals tightened layer by layer, solved for every rival; bisection.",
      "Ehlers: Formal verification of piece-wise linear feed-forward neural networks, ATVA 2017, arXiv 1705.01320; Salman, Yang, Zhang, Hsieh, "
        + "Zhang: A convex relaxation barrier, NeurIPS 2019, arXiv 1902.08722."
    ) { _ in LinearProgramRadius() },
    Entry(
      "exact", "l_inf, small piecewise linear networks: branch and bound on the units' phases until both ends of the bracket meet.",
      "Tjeng, Xiao, Tedrake: Evaluating robustness of neural networks with mixed integer programming, ICLR 2019, arXiv 1711.07356."
    ) { _ in ExactRadius() },
  ]

  /// The methods, in the order of tables.
  public static func all(_ settings: RadiusMethodSettings = RadiusMethodSettings()) -> [any RadiusMethod] {
    table.map { $0.make(settings) }
  }

  /// The ids, in the order of tables.
  public static var names: [String] { table.map(\.facts.name) }

  /// What runs unless something else is asked for.
  public static let standard = ["global", "crown"]

  /// The methods with these ids, in the order of tables.
  public static func named(_ names: [String], settings: RadiusMethodSettings = RadiusMethodSettings()) -> [any RadiusMethod] {
    table.filter { names.contains($0.facts.name) }.map { $0.make(settings) }
  }

  /// What there is to know about each method.
  public static var facts: [Facts] { table.map(\.facts) }
}
