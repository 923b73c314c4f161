import CommandLineSupport
import Foundation
import NetworkFormats
import Reports
import Training

extension TrainingStudy {
  /// Parses the text of a study file; paths in it are relative to the folder of `file`.
  ///
  /// - Throws: `FormatError` that names the file, the line and the key.
  public init(text: String, file: String) throws {
    let field = Self.field(folder: URL(fileURLWithPath: file).deletingLastPathComponent())
    self = try FormatError.naming(file) { try field.read(YAMLMapping(YAMLValue(text: text), name: "the study", keys: field.names)) }
  }

  /// The keys of a study of training.
  static func field(folder: URL) -> Field<TrainingStudy> {
    .group(
      TrainingRecipe.Parts.field(folder: folder, isPart: true).requiring("title"),
      seeds,
      Field(
        "certification", ModelComparison.Settings.notation,
        "Every trained network is certified: Lipschitz bounds, and radii of test samples. Not at all unless given."),
      Field(
        required: "variants", .list(of: Change.notation(folder: folder)),
        "The networks that are compared: each is the recipe that stands beside them, with changes of its own."),
      Field("claims", .list(of: StatedClaim.notation), "What is claimed about the variants; the report says which claims hold.")
    ) { mapping, parts, seeds, certification, changes, claims in
      var names: Set<String> = []
      let variants = try changes.map { change in
        guard names.insert(change.name.lowercased()).inserted else { throw change.place.failure("the name '\(change.name)' occurs twice") }
        let parts = parts.changed(by: change.parts)
        return Variant(
          name: change.name, title: change.parts.title ?? change.name,
          recipes: try seeds.map { try TrainingRecipe(parts, seed: $0, in: mapping) }, certification: change.certification ?? certification)
      }
      return TrainingStudy(
        title: parts.title ?? "", summary: parts.summary ?? "", variants: variants,
        claims: try (claims ?? []).map { try $0.claim(about: variants) })
    }
  }

  private static let seeds = Field<[UInt64]>.group(
    Field(
      "seeds", .list(of: .seed, isUnique: true).examples("[1, 2, 3]"),
      "The seeds with which each variant is trained: means and deviations are of these."),
    Field("seed", .seed, "The seed, where it is only one; 0 unless given.")
  ) { $1 ?? [$2 ?? 0] }
  .excluding("seeds", "seed")

  /// A variant as it stands in the file.
  private struct Change: Sendable {
    let name: String
    let parts: TrainingRecipe.Parts
    let certification: ModelComparison.Settings?
    /// Where its name stands.
    let place: YAMLEntry

    static func notation(folder: URL) -> Notation<Change> {
      .mapping(
        "a variant",
        .group(
          Field(
            required: "name", .identifier,
            "Its name, which claims and folders use: up to 64 letters, digits, - and _; none occurs twice."),
          TrainingRecipe.Parts.field(folder: folder, isPart: true),
          Field("certification", ModelComparison.Settings.notation, "How its networks are certified, in place of the study's way.")
        ) { mapping, name, parts, certification in
          Change(name: name, parts: parts, certification: certification, place: try mapping.required("name"))
        }
      ).described("A network of the study: the study's recipe with changes.")
    }
  }

  /// A claim as it stands in the file.
  private struct StatedClaim: Sendable {
    let id: String
    let statement: String
    let order: [YAMLEntry]
    let measure: YAMLEntry
    let isNoisy: Bool
    let margin: Double

    static let notation = Notation<StatedClaim>.mapping(
      "a claim",
      .group(
        Field(required: "id", .text, "What the claim is called in tables, such as T1."),
        Field(required: "statement", .text, "The claim in words."),
        .one(of: [
          Field<[YAMLEntry]>.group(
            Field(required: "better", side, "The variant, or number, that is claimed to have the greater measure."),
            Field(required: "than", side, "The variant, or number, that is claimed to have the smaller measure.")
          ) { [$1, $2] },
          Field<[YAMLEntry]>.group(
            Field(
              required: "order", .list(of: side, count: 2...Int.max),
              "Variants, or numbers, each of which is claimed to have a greater measure than the next.")
          ) { $1 },
        ]),
        Field(
          required: "measure", side.examples("natural", "ifgsm20", "vra@0.2"),
          "What is compared: natural or an attack of the evaluation (percent of right answers), a measure of pruning such as weight-sparsity, or one of certification: bound, tightness, radius, vra@RADIUS."
        ),
        Field("with-noise", .boolean, default: false, "Whether networks with noise are compared as they are trained, rather than as they are saved."),
        Field("by", .real(in: -1e12...1e12), default: 0, "By how much it is greater at least; negative where it may be smaller by so much.")
      ) { StatedClaim(id: $1, statement: $2, order: $3, measure: $4, isNoisy: $5, margin: $6) }
    )

    /// A text whose place is remembered.
    private static let side = Notation<String>.text.map { $1 }

    /// The claim, of which variants and measures must be there.
    func claim(about variants: [Variant]) throws -> TrainingReport.Claim {
      let order = try order.map { entry -> TrainingReport.Claim.Side in
        let name = try entry.text()
        if variants.contains(where: { $0.name == name }) { return .variant(name) }
        if let number = Double(name), number.isFinite { return .number(number) }
        throw entry.failure("there is no variant '\(name)'; choose from \(variants.map(\.name).joined(separator: ", "))")
      }
      let word = try measure.text()
      for case .variant(let name) in order {
        guard let variant = variants.first(where: { $0.name == name }) else { continue }
        let isCertified = variant.certification != nil
        let known =
          (variant.recipes.first.map(Self.measures) ?? []) + (isCertified ? StudyMeasure.ofCertification.map(\.key) + ["vra@RADIUS"] : [])
        guard known.contains(word) || (isCertified && StudyMeasure(word).vraRadius != nil) else {
          throw measure.failure("'\(name)' is not measured by '\(word)'; choose from \(known.joined(separator: ", "))")
        }
      }
      return TrainingReport.Claim(
        id: id, statement: statement, order: order, measure: StudyMeasure(word), isNoisy: isNoisy, margin: margin)
    }

    /// The words of what a recipe's runs are measured by.
    private static func measures(_ recipe: TrainingRecipe) -> [String] {
      ["natural"] + recipe.evaluation.attacks.map(\.name) + StudyMeasure.ofTraining.map(\.key)
        + (recipe.pruning == nil ? ["parameters"] : StudyMeasure.ofPruning.map(\.key))
    }
  }
}
