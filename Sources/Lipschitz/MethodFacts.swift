/// What a method does, in a line, and whose idea it is: the one place that help texts, reports and lists of methods take it from.
public struct MethodFacts: Sendable, Equatable {
  /// The method's id.
  public let method: String
  /// What it does.
  public let summary: String
  /// Authors, title and identifier of the work it follows.
  public let reference: String

  private init(_ method: String, _ summary: String, _ reference: String) {
    (self.method, self.summary, self.reference) = (method, summary, reference)
  }

  /// What is known of a method, or `nil` for an id without entry.
  public static func named(_ method: String) -> MethodFacts? { table.first { $0.method == method } }

  private static let table = [
    MethodFacts(
      "product", "The product of the layers' norms, branches added: quick, for every network, and loose where it is deep.",
      "Classical; norms of convolutions after Delattre, Barthélemy, Araujo, Allauzen: Efficient bound of Lipschitz constant for "
        + "convolutional layers by Gram iteration, ICML 2023, arXiv 2305.16173."),
    MethodFacts(
      "lip-lt", "Norms of products of consecutive layers, with the units' mean slopes moved into them; without a solver.",
      "Fazlyab, Entesari, Roy, Chellappa: Certified robustness via dynamic margin maximization and improved Lipschitz regularization, "
        + "NeurIPS 2023, arXiv 2310.00116."),
    MethodFacts(
      "closed-form", "Multipliers from formulas, without a solver, in one pass over the layers; the best of a family of formulas.",
      "Xu, Sivaranjani: ECLipsE, NeurIPS 2024, arXiv 2404.04375 (ECLipsE-Fast); Syed, Hu: Improved scalable Lipschitz bounds for deep neural "
        + "networks, arXiv 2503.14297."),
    MethodFacts(
      "partition", "The network is cut into blocks of layers, and those into tiles of units; small bounds are put together again.",
      "Sulehman, Mu: Scalable Lipschitz estimation for CNNs, NeurIPS 2024, arXiv 2403.18613."),
    MethodFacts(
      "frequency", "Convolution chains as filters: one small matrix inequality for every spatial frequency.",
      "After Gramlich, Pauli, Scherer, Allgöwer, Ebenbauer: Convolutional neural networks as 2-D systems, arXiv 2303.03042."),
    MethodFacts(
      "recursion", "Dynamic programming from layer to layer with one small semidefinite program each; convolutions as state-space systems.",
      "Pauli, Gramlich, Allgöwer: Lipschitz constant estimation for general neural network architectures using control tools, "
        + "arXiv 2405.01125."),
    MethodFacts(
      "compositional", "One small semidefinite program a layer, looking one layer ahead.",
      "Xu, Sivaranjani: ECLipsE: Efficient compositional Lipschitz constant estimation for deep neural networks, NeurIPS 2024, "
        + "arXiv 2404.04375."),
    MethodFacts(
      "lipsdp-layer", "LipSDP with one multiplier for a whole layer: a smaller semidefinite program, a looser bound.",
      "Fazlyab, Robey, Hassani, Morari, Pappas: Efficient and accurate estimation of Lipschitz constants for deep neural networks, "
        + "NeurIPS 2019, arXiv 1906.04893."),
    MethodFacts(
      "lipsdp", "LipSDP with one multiplier for every unit, by a general semidefinite solver: tight, for small networks.",
      "Fazlyab, Robey, Hassani, Morari, Pappas: Efficient and accurate estimation of Lipschitz constants for deep neural networks, "
        + "NeurIPS 2019, arXiv 1906.04893."),
    MethodFacts(
      "lifted", "The same optimum as lipsdp without matrices: units become vectors on spheres, and network passes improve them.",
      "This project; the inequality is that of Fazlyab et al., arXiv 1906.04893."),
    MethodFacts(
      "attained", "A search for inputs at which the network changes most: a lower bound on the constant, not an upper one.",
      "This project; gradient ascent on the Jacobian's gain."),
  ]
}
