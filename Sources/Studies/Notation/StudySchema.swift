import CommandLineSupport
import Foundation

/// The JSON schema of study files and recipes, for editors: completion, explanation and checks while one writes.
///
/// It is made of what reads the files, and says all that a schema can: keys, kinds, ranges, words, defaults and what they mean. What it
/// cannot say is found when the file is read: names that occur twice or do not exist, files that are missing, and numbers that do not fit
/// each other (strides and convolutions, depths of residual networks, attacks without a radius).
public enum StudySchema {
  /// The schema.
  public static var json: JSONValue {
    let folder = URL(fileURLWithPath: "/")
    let kinds = [
      kind(BoundStudy.field(folder: folder), "study-of-bounds", "A study of bounds: every method on every network of 'models'."),
      kind(
        TrainingStudy.field(folder: folder), "study-of-training",
        "A study of training: every one of its 'variants', with every seed, and what is claimed about them."),
      kind(
        PipelineStudy.field(folder: folder), "study-of-steps",
        "A study of steps: each of its 'steps' does one thing, with the networks and certificates of earlier ones."),
      kind(
        TrainingRecipe.field(folder: folder), "recipe",
        "A recipe: one network, as lipcert train and lipcert prune make it."),
    ]
    return Schema.any(of: kinds).document(
      title: "Lipcert's studies and recipes",
      description: "Files of lipcert run (studies, with 'models', 'variants' or 'steps'), lipcert train and lipcert prune (recipes, with 'model').")
  }

  private static func kind<Value>(_ field: Field<Value>, _ name: String, _ description: String) -> Schema {
    Schema.mapping(forms: field.forms, exclusions: field.exclusions).described(description).named(name)
  }
}
