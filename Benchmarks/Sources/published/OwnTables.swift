/// Reference values computed once for published networks, each by a formula in plain floating point or by a structured interior-point method
/// whose multipliers were checked by a Cholesky factorisation; tables 1 and 2 of the note beside the data.
enum OwnTables {
  private struct Row {
    var name: String
    var naive: Double
    var lipLT: Double
    var fast: Double
    /// LipSDP's optimum and how far it may lie above it, relatively.
    var optimum: Double?
    var accuracy = 1e-8
    var eclipse: Double?
  }

  private static let rows: [Row] = [
    .init(name: "random_weights", naive: 43.305574, lipLT: 39.860916, fast: 39.901500, optimum: 36.48222960, eclipse: 36.504267),
    .init(name: "mnist_weights", naive: 31.503507, lipLT: 27.764981, fast: 26.808869, optimum: 24.36634887, eclipse: 24.3663489),
    .init(name: "fnn2_seed0", naive: 7.0922492, lipLT: 6.0641672, fast: 5.9067565, optimum: 5.1097147693, eclipse: 5.1097148),
    .init(name: "fnn3_seed0", naive: 14.694210, lipLT: 12.050310, fast: 11.383195, optimum: 9.7286138973, eclipse: 10.70009),
    .init(name: "demo", naive: 0.87498127, lipLT: 0.806119, fast: 0.80903520, optimum: 0.7372569813, eclipse: 0.73725698),
    .init(name: "lyr5n10", naive: 21.027914, lipLT: 10.267129, fast: 9.3725527, optimum: 4.943397405, eclipse: 6.9345054),
    .init(name: "lyr5n20", naive: 3.3144293, lipLT: 1.4694861, fast: 1.3013045, optimum: 0.6352347039, eclipse: 0.81409780),
    .init(name: "lyr10n10", naive: 105.68665, lipLT: 13.009958, fast: 11.770343, optimum: 2.049017966, eclipse: 4.5988209),
    .init(name: "lyr10n20", naive: 14.138464, lipLT: 1.9040861, fast: 1.5768650, optimum: 0.3053058022, eclipse: 0.55351455),
    .init(name: "lyr5n40", naive: 24.280254, lipLT: 9.0059699, fast: 8.6850950, optimum: 3.766122148),
    .init(name: "lyr5n60", naive: 2.5670214, lipLT: 0.99353260, fast: 0.92425118, optimum: 0.4466734219),
    .init(name: "lyr10n40", naive: 81.680686, lipLT: 11.023405, fast: 8.7553820, optimum: 1.949821916),
    .init(name: "lyr15n10", naive: 1530.4895, lipLT: 102.76644, fast: 72.342700, optimum: 8.26325809),
    .init(name: "lyr15n20", naive: 98.836120, lipLT: 5.2446134, fast: 3.5856880, optimum: 0.4150468825),
    .init(name: "lyr20n10", naive: 12360.291, lipLT: 223.66705, fast: 148.69016, optimum: 4.937029424),
    .init(name: "lyr20n20", naive: 32738.399, lipLT: 582.91833, fast: 314.85560, optimum: 14.10944314),
    .init(name: "lyr25n10", naive: 564727.21, lipLT: 3640.1194, fast: 2234.9191, optimum: 26.23027818),
    .init(name: "lyr25n20", naive: 34901.424, lipLT: 324.17482, fast: 149.24396, optimum: 4.501972617),
    .init(name: "lyr3n100test1", naive: 25.941752, lipLT: 20.159819, fast: 18.796949, optimum: 15.7332041),
    .init(name: "lyr3n200test1", naive: 26.181844, lipLT: 21.075063, fast: 19.664168, optimum: 17.01470875),
    .init(name: "lyr3n300test1", naive: 26.130172, lipLT: 20.964667, fast: 19.503520, optimum: 16.70954596, accuracy: 3e-4),
    .init(name: "mnist_base", naive: 127.36609, lipLT: 95.001799, fast: 83.520491, optimum: 67.19003737),
    .init(name: "mnist_jr", naive: 236.43288, lipLT: 70.469678, fast: 87.023464, optimum: 30.37486533),
    .init(name: "cnn2_seed0", naive: 11.603714, lipLT: 9.1967325, fast: 9.2356119, optimum: 7.390263225, accuracy: 1e-3),
    .init(name: "cnn2_seed1", naive: 9.4210476, lipLT: 8.0573510, fast: 8.0294001, optimum: 7.059024085, accuracy: 1e-3),
    .init(name: "mlp_L3_W16", naive: 1.00927, lipLT: 0.941006, fast: 0.914524, optimum: 0.8827179954),
    .init(name: "mlp_L9_W16", naive: 1.01558, lipLT: 0.474826, fast: 0.360919, optimum: 0.1846373053),
    .init(name: "mlp_L17_W16", naive: 1.0149738, lipLT: 0.20960018, fast: 0.12405185, optimum: 0.03319021325, eclipse: 0.0780839),
    .init(name: "mlp_L33_W16", naive: 1.0542261, lipLT: 0.017482967, fast: 0.0056965091, optimum: 2.349158675e-4, eclipse: 1.50203e-3),
    .init(name: "mlp_L65_W16", naive: 1.0146997, lipLT: 1.2875552e-4, fast: 1.1585929e-5, optimum: 8.093882821e-9, eclipse: 6.11326e-7),
    .init(name: "mlp_L17_W32", naive: 1.0093736, lipLT: 0.14377253, fast: 0.072051815, optimum: 0.01722069895),
    .init(name: "mlp_L33_W32", naive: 1.0356244, lipLT: 0.011868779, fast: 0.0030933170, optimum: 1.332805424e-4),
    .init(name: "mlp_L5_W64", naive: 1.0503337, lipLT: 0.74755095, fast: 0.65114663, optimum: 0.5344682023),
    .init(name: "mlp_L9_W64", naive: 1.0462308, lipLT: 0.40059938, fast: 0.29084822, optimum: 0.1564088832),
    .init(name: "mlp_L65_W64", naive: 1.0370834, lipLT: 5.9818523e-5, fast: 4.3306745e-6),
  ]

  /// LipSDP with GroupSort's own multipliers, and the product of norms.
  private static let groupSort: [(name: String, naive: Double, optimum: Double)] = [
    ("weights_l2_2fc_16", 23.461536, 22.594363), ("weights_l2_2fc_32", 42.463095, 38.548286),
    ("weights_l2_5fc_32", 298.41452, 224.52595), ("weights_l2_8fc_32", 780.04363, 401.03329),
    ("weights_l2_18fc_32", 73402.965, 17431.543), ("weights_2_16", 22.859760, 21.394501), ("weights_5_32", 240.15720, 176.68595),
  ]

  /// What LipSDP's README says of its two networks.
  private static let readme: [String: [Reference]] = [
    "random_weights": [
      .init(method: "LipSDP-Layer", value: 39.839, counterpart: "lipsdp-layer", source: "arobey1/LipSDP README"),
      .init(method: "LipSDP-Neuron", value: 36.482, counterpart: "lipsdp", source: "arobey1/LipSDP README"),
    ],
    "mnist_weights": [
      .init(
        method: "LipSDP-Network-rand", value: 24.320, counterpart: "lipsdp", source: "arobey1/LipSDP README",
        defect: "multipliers that couple units are not valid for increments: below the optimum of LipSDP-Neuron")
    ],
  ]

  /// The references of a file, by its name without ending.
  static let references: [String: [Reference]] = {
    var result = readme
    let (formula, newton) = ("formula in floating point", "structured barrier Newton")
    for row in rows {
      var own: [Reference] = [
        .init(method: "naive", value: row.naive, counterpart: "product", source: formula),
        .init(method: "LipLT", value: row.lipLT, counterpart: "lip-lt", source: formula),
        .init(method: "ECLipsE-Fast", value: row.fast, counterpart: "closed-form", source: formula),
      ]
      if let value = row.eclipse {
        own.append(.init(method: "ECLipsE", value: value, counterpart: "compositional", source: "layer by layer, Clarabel"))
      }
      if let value = row.optimum {
        let words = row.accuracy > 1e-6 ? "LipSDP-Neuron, stopped early" : "LipSDP-Neuron optimum"
        let kind: Reference.Kind = row.accuracy > 1e-6 ? .upper : .optimum
        own.append(.init(method: words, value: value, kind: kind, counterpart: "lifted", source: newton))
      }
      result[row.name, default: []] += own
    }
    for row in groupSort {
      result[row.name, default: []] += [
        .init(method: "naive", value: row.naive, counterpart: "product", source: formula),
        .init(method: "LipSDP-GroupSort", value: row.optimum, counterpart: "lifted", source: "Clarabel"),
      ]
    }
    return result
  }()
}
