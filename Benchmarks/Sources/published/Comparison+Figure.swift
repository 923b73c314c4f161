import Foundation
import Reports

extension Comparison {
  /// Families of networks against methods: how many times the best certified bound a method's certified bounds are; `nil` without any.
  var figure: Figure? {
    let methods = methods.filter { $0 != "attained" }
    var families: [String: [[Double?]]] = [:]
    for network in networks {
      let bounds = methods.map { method in
        store[network.name, method].flatMap { $0.isCertified ? $0.upper : nil }
      }
      guard let best = bounds.compactMap({ $0 }).min(), best > 0 else { continue }
      families[Self.family(network.name), default: []].append(bounds.map { bound in bound.map { $0 / best } })
    }
    let names = families.keys.sorted()
    return Figure.ratios(
      name: "ratios", title: "Certified bounds over the best, by family of networks",
      subject:
        "One cell for each family of published networks and method: the geometric mean, over the networks that the method bounded, of its "
        + "certified bound over the best one",
      rows: names.map { "\($0) (\(families[$0]?.count ?? 0))" }, methods: methods,
      ratios: names.map { name in
        methods.indices.map { index in Self.geometricMean((families[name] ?? []).compactMap { $0[index] }) }
      })
  }

  /// The folder of a network's file, without the name of its author: `ECLipsE/random_genlocal` of `YuezhuXu_ECLipsE/random_genlocal/lyr5n10.npz`.
  private static func family(_ name: String) -> String {
    let folder = name.split(separator: "/").dropLast().joined(separator: "/")
    return folder.firstIndex(of: "_").map { String(folder[folder.index(after: $0)...]) } ?? folder
  }

  private static func geometricMean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : exp(values.reduce(0) { $0 + log($1) } / Double(values.count))
  }
}
